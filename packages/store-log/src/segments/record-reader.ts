import { sliceBytes } from "@everdict/protocol";
import { crc32c } from "../bytes/crc32c.ts";
import { slicedChecksum } from "../bytes/sliced-checksum.ts";
import type { LogFile } from "../files/files.ts";
import { checksumSeed, RecordView, recordHeaderBytes } from "../record/record.ts";
import { segmentHeaderBytes } from "./segment-header.ts";

/** Thrown for bytes that are no record; `offset` says where. */
export class NoRecord extends Error {
  readonly offset: number;

  constructor(offset: number) {
    super("the records there were whole when they were written");
    this.offset = offset;
  }
}

/**
 * Reads records that are known to be whole, one window after the other: for those who need neither commits nor a
 * torn end. Memory is bounded by the window, or the one record that is larger.
 */
export class RecordReader {
  readonly #file: LogFile;
  readonly #salt: number;
  readonly #windowBytes: number;
  readonly #view = new RecordView();
  #offset: number;

  /** Begins at the first record of a segment. */
  constructor({ file, salt }: { readonly file: LogFile; readonly salt: number }, windowBytes: number) {
    this.#file = file;
    this.#salt = salt;
    this.#offset = segmentHeaderBytes;
    this.#windowBytes = windowBytes;
  }

  /** Offset of the next record. */
  get offset(): number {
    return this.#offset;
  }

  /**
   * Visits the records of the next window up to an offset where a record ends. The bytes of the record belong to the
   * visitor, the view does not.
   *
   * @throws {NoRecord} if they are not whole
   */
  async readTo(to: number, visit: (record: RecordView, offset: number) => void): Promise<void> {
    let window = await this.#read(Math.min(this.#windowBytes, to - this.#offset));
    const view = this.#view;
    let at = 0;
    for (;;) {
      const status = view.readHead(window, at, window.length);
      if (status === "bad" || (status === "short" && this.#offset + view.length > to))
        throw new NoRecord(this.#offset);
      if (status === "short") {
        // The rest is for the next window, unless not even one record fits.
        if (at > 0) return;
        window = await this.#read(view.length);
        if (window.length < recordHeaderBytes) throw new NoRecord(this.#offset);
        continue;
      }
      const checking = this.#check(view);
      if (checking !== undefined) await checking;
      visit(view, this.#offset);
      at += view.length;
      this.#offset += view.length;
      if (at === window.length) return;
    }
  }

  async #read(bytes: number): Promise<Buffer> {
    const window = Buffer.allocUnsafeSlow(bytes);
    if ((await this.#file.read(window, this.#offset)) !== bytes) throw new NoRecord(this.#offset);
    return window;
  }

  #check(view: RecordView): Promise<void> | undefined {
    const { bytes, start, end } = view;
    const seed = checksumSeed(this.#salt, this.#offset);
    if (view.length > sliceBytes) return this.#checkLarge(bytes, start, end, seed);
    if (crc32c(bytes, start + 4, end, seed) !== bytes.readUInt32LE(start)) throw new NoRecord(this.#offset);
    return undefined;
  }

  async #checkLarge(bytes: Buffer, start: number, end: number, seed: number): Promise<void> {
    const crc = await slicedChecksum(bytes, start + 4, end, seed);
    if (crc !== bytes.readUInt32LE(start)) throw new NoRecord(this.#offset);
  }
}
