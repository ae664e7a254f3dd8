import { randomInt } from "node:crypto";
import { join } from "node:path";
import { createError, type EverdictError, sliceBytes } from "@everdict/protocol";
import { slicedChecksum } from "../bytes/sliced-checksum.ts";
import type { LogFile } from "../files/files.ts";
import { checksumSeed, RecordView } from "../record/record.ts";
import { formatVersion } from "./segment-header.ts";

const namePattern = /^(\d{10})\.segment$/;

/** The file name of a segment. */
export function segmentName(number: number): string {
  return `${String(number).padStart(10, "0")}.segment`;
}

/** The number in a segment's file name, or undefined if it is another file's name. */
export function segmentNumber(name: string): number | undefined {
  const match = namePattern.exec(name);
  return match === null ? undefined : Number(match[1]);
}

/** One file of the log, and what is known of it in memory. */
export class Segment {
  readonly number: number;
  readonly path: string;
  /** Where the next group begins: bytes that were given out, flushed or not. */
  bytes = 0;
  /** Bytes of records that still decide something. The rest is what compaction can free. */
  liveBytes = 0;
  /** See `checksumSeed`. */
  salt: number;
  /** Of the format, as its header says; 0: it does not say. */
  formatVersion: number = formatVersion;
  /** Whether there is a hint of it; `failed`: there may be a useless one, and none will be written. */
  hint: "none" | "there" | "failed" = "none";
  /** Whether later manifests name it; false once its removal was decided. */
  listed = true;
  /** How many keys are kept gone by a later decision in front of a put in this segment. */
  barredKeys = 0;
  readonly #holds = new Set<string>();
  #file: LogFile | undefined;
  #pins = 0;
  #unpinned: (() => void) | undefined;

  constructor(directory: string, number: number, file?: LogFile) {
    this.number = number;
    this.salt = randomInt(2 ** 32);
    this.path = join(directory, segmentName(number));
    this.#file = file;
  }

  /** The open file; undefined until the first group is written, and when compaction takes the segment away. */
  get file(): LogFile | undefined {
    return this.#file;
  }

  /** Names of idempotency keys whose answer is a value in this segment: they must get a copy before it goes. */
  get holds(): ReadonlySet<string> {
    return this.#holds;
  }

  /** Whether nothing in it decides anything or could come back: it can go unread. */
  get isDead(): boolean {
    return this.liveBytes === 0 && this.barredKeys === 0 && this.#holds.size === 0;
  }

  /**
   * Keeps a record that a recorded answer names, or with -1 no longer: meanwhile its bytes are as good as alive, so
   * that nothing is gained by moving them.
   */
  hold(name: string, bytes: number, sign: 1 | -1): void {
    if (sign === 1) this.#holds.add(name);
    else this.#holds.delete(name);
    this.liveBytes += sign * bytes;
  }

  /** Gives a new segment its file. */
  attach(file: LogFile): void {
    this.#file = file;
  }

  /** Keeps the file open and in place until `unpin`, for a read that takes time. */
  pin(): void {
    this.#pins++;
  }

  /** Ends a `pin`. */
  unpin(): void {
    this.#pins--;
    if (this.#pins === 0) this.#unpinned?.();
  }

  /** Closes the file when nobody reads it any more. From when that begins there is no `file`. */
  async close(): Promise<void> {
    // A waiter is told a microtask later. By that time another part may have pinned the segment.
    while (this.#pins > 0) {
      await new Promise<void>((resolve) => {
        this.#unpinned = resolve;
      });
    }
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  /** The record at an offset, checked. @throws `data_loss` */
  readRecordSync(offset: number, length: number): RecordView {
    const bytes = Buffer.allocUnsafe(length);
    return this.#check(bytes, this.#openFile().readSync(bytes, offset), offset);
  }

  /** As `readRecordSync`, without holding up the event loop, whatever the length. The caller pins the segment meanwhile. */
  async readRecord(offset: number, length: number): Promise<RecordView> {
    const bytes = Buffer.allocUnsafeSlow(length);
    const bytesRead = await this.#openFile().read(bytes, offset);
    if (length <= sliceBytes) return this.#check(bytes, bytesRead, offset);
    const record = new RecordView();
    if (bytesRead !== length || record.readHead(bytes, 0, length) !== "whole" || record.length !== length) {
      throw this.#recordDamaged(offset);
    }
    const crc = await slicedChecksum(bytes, 4, length, checksumSeed(this.salt, offset));
    if (crc !== bytes.readUInt32LE(0)) throw this.#recordDamaged(offset);
    return record;
  }

  /** The error for bytes that are not what was written. */
  damaged(offset: number, what: string): EverdictError {
    return createError("data_loss", `${segmentName(this.number)} is damaged at byte ${offset}: ${what}`);
  }

  #check(bytes: Buffer, bytesRead: number, offset: number): RecordView {
    const record = new RecordView();
    const isWhole =
      bytesRead === bytes.length &&
      record.read(bytes, 0, bytes.length, checksumSeed(this.salt, offset)) === "whole";
    if (!isWhole || record.length !== bytes.length) {
      throw this.#recordDamaged(offset);
    }
    return record;
  }

  #recordDamaged(offset: number): EverdictError {
    return this.damaged(offset, "the record there was whole when it was written");
  }

  #openFile(): LogFile {
    if (this.#file === undefined) throw createError("store_closed", "the store is closed");
    return this.#file;
  }
}
