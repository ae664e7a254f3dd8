/**
 * Decides whether there is room on the disk. Only this class knows that the disk is full, and which writes may still go
 * on.
 *
 * A store that only appends could not recover from a full disk, since a removal also takes bytes. So some room is
 * reserved in a file of its own (`reserve-file.ts`). When the disk refuses a write, it is *full*. From then on writes
 * that add data are refused, and removals go on in the reserved room. The reserve is given back step by step, as
 * needed, so that other programs do not get all of it. Compaction turns removals into free space. Once there is enough
 * to make the reserve as long as it should be, with some left over, all writes go on as before.
 *
 * The last part of the reserve is for operations that take few bytes and free many: clearing, deleting, and dropping
 * segments. A small part is never given back, because opening a directory writes files into it.
 */

import type { FileLayer } from "../files/files.ts";
import { ReserveFile } from "../files/reserve-file.ts";
import { diskFullError, isStoreFull } from "../files/temporary-failure.ts";
import type { SegmentSet } from "../segments/segment-set.ts";

const KIB = 1024;
const smallestBytes = 256 * KIB;
const smallestMaxBytes = 64 * KIB;
// Compaction has to copy what lives in a segment before the rest of it is free. A segment is worth that when at most
// half of it lives, and segments are half of what lives in the log, up to a size.
const logFraction = 1 / 5;
const segmentFraction = 1 / 2;
/** How much longer the reserve has to become before it is worth a write. */
const growthMin = 1.25;
/** Beside the reserve there has to be something that can be used, or the disk would be full again at once. */
const roomyMin = 1.25;
const keptFraction = 1 / 4;
const stepFraction = 1 / 8;
const openingFraction = 1 / 4;
const openingMaxBytes = 64 * KIB;
/** For what is written besides the copies of entries. */
const manifestMaxBytes = 16 * KIB;
const lookEveryBytes = 1024 * KIB;

export interface DiskRoomOptions {
  readonly files: FileLayer;
  readonly segments: SegmentSet;
  readonly segmentMaxBytes: number;
}

export class DiskRoom {
  /** Called when the disk became full, or has room again. */
  onChange: (isFull: boolean) => void = ignore;
  readonly #options: DiskRoomOptions;
  readonly #reserve: ReserveFile;
  readonly #reserveMaxBytes: number;
  #isFull = false;
  /** About how much is free besides the reserve, while the disk is full. */
  #freeBytes = 0;
  #untilLookBytes = 0;
  /** How long the reserve should be; brought up to date at every look. */
  #wantedBytes: number;
  /** What changes the reserve is done one after the other. */
  #last: Promise<unknown> = Promise.resolve();
  #isLooking = false;
  #isClosed = false;

  constructor(options: DiskRoomOptions) {
    this.#options = options;
    this.#reserve = new ReserveFile(options.files, options.segments.directory);
    this.#reserveMaxBytes = Math.max(smallestMaxBytes, options.segmentMaxBytes * segmentFraction);
    this.#wantedBytes = this.#reserveBytes();
  }

  /** Whether what adds is refused. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** How much compaction may write while the disk is full. */
  get copyMaxBytes(): number {
    return this.#leftBytes - manifestMaxBytes;
  }

  /** Opens what was kept. To be called by the owner of the directory. */
  open(): Promise<void> {
    return this.#reserve.open();
  }

  /** @throws `store_full`, before anything was done, if there is no room for what adds */
  requireRoom(): void {
    if (this.#isFull) throw diskFullError();
  }

  /** Whether this many bytes can be written for removals of single entries. */
  hasRoomToRemove(bytes = 0): boolean {
    return !this.#isFull || this.#leftBytes - bytes >= this.#wantedBytes * keptFraction;
  }

  /** @throws `store_full`, before anything was done, if there is no room even for the removal of single entries */
  requireRoomToRemove(bytes = 0): void {
    if (!this.hasRoomToRemove(bytes)) throw diskFullError();
  }

  /**
   * Whether what clears or deletes should be decided once more after it failed with that: it was refused together with
   * what adds, and there is room for it now.
   */
  readonly mayClearAfter = (error: unknown): boolean => isStoreFull(error) && this.#leftBytes > 0;

  /** The same of what removes single entries. */
  readonly mayRemoveAfter = (error: unknown): boolean => isStoreFull(error) && this.hasRoomToRemove();

  /** This many bytes were written to the log. */
  wrote(bytes: number): void {
    if (this.#isFull) this.#freeBytes = Math.max(0, this.#freeBytes - bytes);
    this.#untilLookBytes -= bytes;
    if (this.#untilLookBytes <= 0 && !this.#isLooking) void this.look();
  }

  /** This many bytes were removed from the log. */
  freed(bytes: number): void {
    if (!this.#isFull) return;
    this.#freeBytes += bytes;
    void this.look();
  }

  /** The disk has refused a write. Resolves when some of the room that was kept is there for what removes. */
  async refused(): Promise<void> {
    this.#setFull(true);
    await this.#inTurn(() => {
      this.#freeBytes = 0;
      return this.#giveBack(this.#wantedBytes * stepFraction);
    });
  }

  /** Makes sure that this many bytes are free, if the disk is full and that much was reserved. */
  async provide(bytes: number): Promise<void> {
    if (!this.#isFull) return;
    await this.#inTurn(async () => {
      await this.#measure();
      const wantedBytes = bytes + manifestMaxBytes - this.#freeBytes;
      if (wantedBytes > 0) await this.#giveBack(wantedBytes);
    });
  }

  /** Makes the reserve as long as it should be, if that can be done. Never rejects. */
  async look(): Promise<void> {
    if (this.#isLooking || this.#isClosed) return;
    this.#isLooking = true;
    this.#untilLookBytes = lookEveryBytes;
    this.#wantedBytes = this.#reserveBytes();
    try {
      await this.#inTurn(() => (this.#isFull ? this.#lookWhileFull() : this.#keep()));
    } catch {
      // The next look may see more.
    } finally {
      this.#isLooking = false;
    }
  }

  /** Touches nothing any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#inTurn(() => this.#reserve.close());
  }

  async #keep(): Promise<void> {
    const wanted = this.#wantedBytes;
    if (this.#isClosed || wanted < growthMin * this.#reserve.bytes) return;
    if ((await this.#reserve.fill(wanted)) !== "full") return;
    // A store that cannot keep that back is out of room already.
    this.#setFull(true);
    await this.#measure();
  }

  async #lookWhileFull(): Promise<void> {
    const isKnown = await this.#measure();
    const wanted = this.#wantedBytes;
    if (this.#isClosed || (isKnown && this.#freeBytes + this.#reserve.bytes < wanted * roomyMin)) return;
    if ((await this.#reserve.fill(wanted)) === "filled") this.#setFull(false);
  }

  #setFull(isFull: boolean): void {
    if (isFull === this.#isFull) return;
    this.#isFull = isFull;
    this.onChange(isFull);
  }

  /** Finds out how much is free, where the system can be asked. @returns whether it can */
  async #measure(): Promise<boolean> {
    const { files, segments } = this.#options;
    const freeBytes = await files.freeBytes?.(segments.directory);
    this.#freeBytes = freeBytes ?? this.#freeBytes;
    return freeBytes !== undefined;
  }

  /** Turns this much of the reserve into free space, or all that is left. */
  async #giveBack(bytes: number): Promise<void> {
    const before = this.#reserve.bytes;
    await this.#reserve.cut(Math.max(this.#openingBytes, Math.floor(before - bytes)));
    this.#freeBytes += before - this.#reserve.bytes;
  }

  /** About how much can be written while the disk is full. */
  get #leftBytes(): number {
    return this.#freeBytes + Math.max(0, this.#reserve.bytes - this.#openingBytes);
  }

  #reserveBytes(): number {
    let logBytes = 0;
    for (const { bytes } of this.#options.segments.all()) logBytes += bytes;
    const bytes = Math.max(smallestBytes, Math.ceil(logBytes * logFraction));
    return Math.min(bytes, this.#reserveMaxBytes);
  }

  get #openingBytes(): number {
    return Math.min(openingMaxBytes, Math.floor(this.#wantedBytes * openingFraction));
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => {});
    return result;
  }
}

function ignore(): void {}
