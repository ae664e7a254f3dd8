import type { LogFile } from "./files.ts";

/**
 * A stretch of a file as a file of its own, which can be read but not written. Cutting it only makes the stretch
 * shorter. So recovery can cut the end of a log that it does not own.
 */
export class ReadOnlyFile implements LogFile {
  readonly #whole: LogFile;
  readonly #start: number;
  #bytes: number;

  constructor(whole: LogFile, start: number, bytes: number) {
    this.#whole = whole;
    this.#start = start;
    this.#bytes = bytes;
  }

  async size(): Promise<number> {
    return this.#bytes;
  }

  read(target: Uint8Array, position: number): Promise<number> {
    return this.#whole.read(this.#readable(target, position), this.#start + position);
  }

  readSync(target: Uint8Array, position: number): number {
    return this.#whole.readSync(this.#readable(target, position), this.#start + position);
  }

  async truncate(length: number): Promise<void> {
    this.#bytes = Math.min(this.#bytes, length);
  }

  async write(): Promise<void> {
    throw new Error("this file is only read");
  }

  async sync(): Promise<void> {}

  /** The opener of the whole file closes it. */
  async close(): Promise<void> {}

  /** The part of a target that the stretch can fill. */
  #readable(target: Uint8Array, position: number): Uint8Array {
    return target.subarray(0, Math.max(0, this.#bytes - position));
  }
}
