// Pickles as text, one opcode a line, from the same table that the decoder uses. Nothing is built, so any bytes can be
// listed. Where they stop making sense, the text says so and ends. The model is Python's `pickletools.dis`.

import { asBytes } from "../values/other-realm.ts";
import { DeserializationError } from "../wire/errors.ts";
import { hexOf } from "../wire/hex-of.ts";
import { type Opcode, type OpcodeArgument, opcodes } from "../wire/opcodes.ts";
import { readTwosComplement } from "../wire/twos-complement.ts";
import { latin1 } from "../wire/utf8.ts";

/** How much {@link disassemble} writes. */
export interface DisassembleOptions {
  /** Opcodes that are listed; of the rest only the number of bytes is told. Default 10,000. */
  readonly opcodesMax?: number | undefined;
  /** Characters of an argument that are shown. Default 60. */
  readonly argumentMaxLength?: number | undefined;
}

/** An opcode with its column `stack` in numbers. */
interface Effect {
  readonly opcode: Opcode;
  /** Values taken, below the mark if it takes all down to one. */
  readonly taken: number;
  readonly takesMark: boolean;
  readonly given: number;
  readonly setsMark: boolean;
}

function effectOf(opcode: Opcode): Effect {
  const [before, after] = opcode.stack.split("--").map((side) => side.trim().split(" ").filter(Boolean)) as [
    string[],
    string[],
  ];
  const markAt = before.indexOf("mark");
  return {
    opcode,
    taken: markAt < 0 ? before.length : markAt,
    takesMark: markAt >= 0,
    given: after.filter((item) => item !== "mark").length,
    setsMark: after.includes("mark"),
  };
}

const byCode: (Effect | undefined)[] = new Array(256).fill(undefined);
for (const opcode of opcodes) byCode[opcode.code] = effectOf(opcode);

const nameWidth = Math.max(...opcodes.map(({ name }) => name.length));
const INDENT_MAX = 16;
/** Integers of more bytes are not spelled out. */
const INTEGER_SHOWN_MAX_BYTES = 32;

/**
 * Lists the opcodes of a pickle with position, byte, name and argument, indented by marks.
 *
 * Meant for bytes that {@link decode} refuses: whatever they are, what can be read is listed, and the last line says
 * where and why the list ends. Notes behind a semicolon tell what is wrong with the stack or the memo there. The
 * arguments are data from the pickle; texts are quoted as in JSON.
 *
 * @returns lines that end with a line feed
 * @throws {DeserializationError} if it is given no `Uint8Array`, and nothing else
 * @example
 * disassemble(encode([1]));
 * //     0: 80 PROTO             4
 * //     2: 95 FRAME             6
 * //    11: 5d EMPTY_LIST
 * //    12: 94 MEMOIZE           as 0
 * //    13: 4b BININT1           1
 * //    15: 61 APPEND
 * //    16: 2e STOP
 * // ends at byte 17; highest protocol among its opcodes: 4
 */
export function disassemble(bytes: Uint8Array, options: DisassembleOptions = {}): string {
  const pickle = asBytes(bytes);
  if (pickle === undefined) throw new DeserializationError("cannot disassemble: a pickle is a Uint8Array");
  return new Disassembly(pickle, options.argumentMaxLength ?? 60).run(options.opcodesMax ?? 10_000);
}

/** Why the list ends here. */
class Stop extends Error {}

class Disassembly {
  private readonly bytes: Uint8Array;
  private readonly shownMax: number;
  private readonly lines: string[] = [];
  private readonly memo = new Set<number>();
  /** How many values stand above each mark, the first above none. */
  private readonly counts = [0];
  private position = 0;
  private protocol = 0;

  constructor(bytes: Uint8Array, shownMax: number) {
    this.bytes = bytes;
    this.shownMax = shownMax;
  }

  run(opcodesMax: number): string {
    let end = "";
    try {
      for (let count = 0; end === ""; count++) {
        if (count === opcodesMax) throw new Stop("that many opcodes are shown");
        if (this.step() === "STOP") end = this.endLine();
      }
    } catch (caught) {
      if (!(caught instanceof Stop)) throw caught;
      const left = this.bytes.length - this.position;
      end = `stopped at byte ${this.position} of ${this.bytes.length}, ${left} left: ${caught.message}`;
    }
    return `${this.lines.join("\n")}${this.lines.length > 0 ? "\n" : ""}${end}\n`;
  }

  private endLine(): string {
    const rest = this.bytes.length - this.position;
    const more = rest === 0 ? "" : `, ${rest} bytes follow`;
    return `ends at byte ${this.position}${more}; highest protocol among its opcodes: ${this.protocol}`;
  }

  /** Lists one opcode and tells its name. */
  private step(): string {
    const at = this.position;
    if (at >= this.bytes.length) throw new Stop("the pickle is cut off");
    const code = this.bytes[at] as number;
    const effect = byCode[code];
    if (effect === undefined) throw new Stop(`byte 0x${code.toString(16).padStart(2, "0")} is no opcode`);
    const { opcode } = effect;
    this.position = at + 1;
    const indent = "  ".repeat(Math.min(INDENT_MAX, this.counts.length - 1));
    let shown: string;
    try {
      shown = this.argument(opcode.argument);
    } catch (caught) {
      this.position = at;
      throw caught;
    }
    if (opcode.protocol > this.protocol) this.protocol = opcode.protocol;
    const notes = [this.applyMemo(opcode.name, shown), this.applyStack(effect)];
    const name = indent + opcode.name.padEnd(nameWidth);
    const byte = code.toString(16).padStart(2, "0");
    const text = [shown, ...notes].filter((part) => part !== "").join(" ");
    this.lines.push(`${String(at).padStart(5)}: ${byte} ${name} ${text}`.trimEnd());
    return opcode.name;
  }

  /** What the opcode does to the stack, by its row in the table; returns a note if it cannot. */
  private applyStack({ opcode, taken, takesMark, given, setsMark }: Effect): string {
    const { counts } = this;
    const isPopOfMark = opcode.name === "POP" && counts.at(-1) === 0 && counts.length > 1;
    let note = "";
    if (takesMark || isPopOfMark) {
      if (counts.length > 1) counts.pop();
      else note = "; there is no mark";
    }
    const left = (counts.at(-1) as number) - (isPopOfMark ? 0 : taken);
    if (left < 0 && note === "") note = "; the stack is empty";
    counts[counts.length - 1] = Math.max(0, left) + given;
    if (setsMark) counts.push(0);
    return note;
  }

  /** Follows the memo; returns the number given, or a note if one is read that is not set. */
  private applyMemo(name: string, shown: string): string {
    const { memo } = this;
    if (name === "MEMOIZE") {
      memo.add(memo.size);
      return `as ${memo.size - 1}`;
    }
    if (/PUT$/.test(name)) memo.add(Number(shown));
    else if (/GET$/.test(name) && !memo.has(Number(shown))) return "; it is not set";
    return "";
  }

  private argument(kind: OpcodeArgument): string {
    switch (kind) {
      case "none":
        return "";
      case "uint1":
      case "uint2":
      case "uint4":
      case "uint8":
        return String(this.number(Number(kind.slice(4))));
      case "int4":
        return String(this.number(4) | 0);
      case "float8": {
        const raw = this.take(8);
        return String(new DataView(raw.buffer, raw.byteOffset).getFloat64(0));
      }
      case "line":
        return this.line();
      case "twoLines":
        return `${this.line()} ${this.line()}`;
      default:
        return this.counted(kind.replace(/\d/, ""), Number(kind.at(-1)));
    }
  }

  private counted(kind: string, size: number): string {
    const raw = this.take(this.number(size));
    if (kind === "long") {
      if (raw.length > INTEGER_SHOWN_MAX_BYTES) return `an integer of ${raw.length} bytes`;
      return String(readTwosComplement(raw, 0, raw.length, false));
    }
    const start = raw.subarray(0, this.shownMax * 4);
    if (kind === "text") return this.shorten(JSON.stringify(new TextDecoder().decode(start)), raw.length);
    return this.shorten(`0x${hexOf(start)}`, raw.length);
  }

  private line(): string {
    const end = this.bytes.indexOf(0x0a, this.position);
    if (end < 0) throw new Stop("a line does not end");
    const raw = this.take(end - this.position);
    this.position++;
    return this.shorten(JSON.stringify(latin1(raw.subarray(0, this.shownMax + 1))).slice(1, -1), raw.length);
  }

  private shorten(text: string, lengthBytes: number): string {
    return text.length <= this.shownMax ? text : `${text.slice(0, this.shownMax)}… (${lengthBytes} bytes)`;
  }

  private number(size: number): number {
    const raw = this.take(size);
    let value = 0;
    for (let index = size - 1; index >= 0; index--) value = value * 256 + (raw[index] as number);
    return value;
  }

  private take(length: number): Uint8Array {
    if (length > this.bytes.length - this.position) throw new Stop("the pickle is cut off within an opcode");
    this.position += length;
    return this.bytes.subarray(this.position - length, this.position);
  }
}
