/**
 * Commands as RESP2 bytes, many at a time: what is issued in one turn leaves in one write.
 *
 * Small arguments are copied into one growing buffer. Large ones go to the socket as they are, because a copy of a
 * megabyte costs more than another element of a gathered write.
 */

/** One argument of a command. Texts are written as UTF-8, numbers as decimal digits. */
export type Argument = string | number | Uint8Array;

const initialBytes = 16 * 1024;
/** From here on an argument is not copied. */
const largeBytes = 32 * 1024;
const headerMaxBytes = 32;
/** Texts below this are written character by character. */
const shortText = 64;

/** Collects commands. `take` returns the bytes so far, in pieces, and starts anew. */
export class CommandWriter {
  #buffer = Buffer.allocUnsafe(initialBytes);
  #start = 0;
  #end = 0;
  #pieces: Uint8Array[] = [];

  /** Adds a command, behind a prefix if there is one. The arguments' bytes must not change until they are sent. */
  add(command: readonly Argument[], prefix: readonly Argument[] = []): void {
    this.#header(42, prefix.length + command.length);
    for (let index = 0; index < prefix.length; index++) this.#argument(prefix[index]!);
    for (let index = 0; index < command.length; index++) this.#argument(command[index]!);
  }

  /** The bytes of all commands added since the last call, in pieces that belong to the caller. */
  take(): Uint8Array[] {
    this.#cut();
    const pieces = this.#pieces;
    this.#pieces = [];
    return pieces;
  }

  #argument(argument: Argument): void {
    if (typeof argument === "string") this.#text(argument);
    else if (typeof argument === "number") this.#text(String(argument));
    else this.#bytes(argument);
  }

  #header(type: number, count: number): void {
    this.#reserve(headerMaxBytes);
    this.#buffer[this.#end++] = type;
    if (count < 10) {
      this.#buffer[this.#end++] = 48 + count;
    } else if (count < 100) {
      this.#buffer[this.#end++] = 48 + Math.floor(count / 10);
      this.#buffer[this.#end++] = 48 + (count % 10);
    } else {
      this.#end += this.#buffer.write(String(count), this.#end, "latin1");
    }
    this.#lineEnd();
  }

  #text(text: string): void {
    if (text.length < shortText && this.#shortText(text)) return;
    const bytes = Buffer.byteLength(text);
    this.#header(36, bytes);
    this.#reserve(bytes + 2);
    // A text of as many bytes as characters is ASCII.
    this.#end += this.#buffer.write(text, this.#end, bytes === text.length ? "latin1" : "utf8");
    this.#lineEnd();
  }

  /** Writes a text of ASCII characters, which costs less than a call into the platform; false if it is none. */
  #shortText(text: string): boolean {
    this.#reserve(headerMaxBytes + shortText);
    const start = this.#end;
    this.#header(36, text.length);
    const buffer = this.#buffer;
    let end = this.#end;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code > 127) {
        this.#end = start;
        return false;
      }
      buffer[end++] = code;
    }
    this.#end = end;
    this.#lineEnd();
    return true;
  }

  #bytes(bytes: Uint8Array): void {
    this.#header(36, bytes.length);
    if (bytes.length >= largeBytes) {
      this.#cut();
      this.#pieces.push(bytes);
      this.#reserve(2);
    } else {
      this.#reserve(bytes.length + 2);
      this.#buffer.set(bytes, this.#end);
      this.#end += bytes.length;
    }
    this.#lineEnd();
  }

  #lineEnd(): void {
    this.#buffer[this.#end++] = 13;
    this.#buffer[this.#end++] = 10;
  }

  #reserve(bytes: number): void {
    if (this.#end + bytes <= this.#buffer.length) return;
    this.#cut();
    this.#buffer = Buffer.allocUnsafe(Math.max(initialBytes, this.#buffer.length, 2 * bytes));
    this.#start = 0;
    this.#end = 0;
  }

  /** Ends the current piece; what follows begins another one in the same buffer. */
  #cut(): void {
    if (this.#end === this.#start) return;
    this.#pieces.push(this.#buffer.subarray(this.#start, this.#end));
    this.#start = this.#end;
  }
}
