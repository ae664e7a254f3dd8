/**
 * A disk in memory that does what `files.ts` allows a disk to do.
 *
 * It keeps, beside what a process sees, what would be left after a loss of power: the bytes of each file up to its
 * last sync, and the directory up to its last sync. `crash` decides by seed what became of the rest: each write
 * that was not synced may be there, be there in parts, or be missing, whatever became of those before it; each file
 * that was created or removed may be there or not. From a chosen operation on a disk is *dead*: that operation is
 * done in part or not at all, and nothing is ever answered again.
 */

import { basename, dirname, join } from "node:path";
import type { SeededRandom } from "@everdict/testkit";
import type { FileLayer, LogFile } from "../files/files.ts";
import { SimulatedFile, type Write } from "./simulated-file.ts";

/** What goes wrong, besides the loss of power. */
export interface DiskFaults {
  /** The chance that a write or a new file is refused because the disk is full; of a write, after a part of it. */
  readonly fullChance: number;
  /** The chance that a flush, of a file or of a directory, fails. */
  readonly syncFailureChance: number;
  /** How much can be written to it before it is full. */
  readonly roomBytes: number;
}

/** Something that changes what is on disk, and what may be left of it if the power goes in the middle. */
interface Change {
  readonly operation: () => void;
  readonly dying?: () => void;
}

/** A disk that only ever loses power. */
export const noFaults: DiskFaults = {
  fullChance: 0,
  syncFailureChance: 0,
  roomBytes: Number.POSITIVE_INFINITY,
};

/** See the top of the file. */
export class SimulatedDisk implements FileLayer {
  readonly #random: SeededRandom;
  readonly #faults: DiskFaults;
  readonly #names = new Map<string, SimulatedFile>();
  #durableNames = new Map<string, SimulatedFile>();
  #operationsLeft = Number.POSITIVE_INFINITY;
  #failsNextSync = false;
  /** How much all files together may have. */
  #capacityBytes = Number.POSITIVE_INFINITY;
  #announceDeath!: () => void;
  /** Whether the power is gone. */
  isDead = false;
  /** Whether it offers writes and flushes at once. */
  readonly #isQuick: boolean;
  /** Whether it has damage besides that of lost power. */
  hasFlippedBits = false;
  /** Resolves when the disk dies. */
  readonly death = new Promise<void>((resolve) => {
    this.#announceDeath = resolve;
  });

  constructor(random: SeededRandom, faults: DiskFaults = noFaults) {
    this.#random = random;
    this.#faults = faults;
    this.#isQuick = random.chance(0.5);
  }

  /** Lets so many more changes happen; the one after them is the last thing that is begun. */
  dieAfter(operations: number): void {
    this.#operationsLeft = operations;
  }

  /** Lets the next flush fail. */
  failNextSync(): void {
    this.#failsNextSync = true;
  }

  /** The power is gone at this moment. */
  die(): void {
    this.isDead = true;
    this.#announceDeath();
  }

  /** The disk as it is found after the power is back. */
  crash(faults: DiskFaults = noFaults): SimulatedDisk {
    const random = this.#random;
    const found = new SimulatedDisk(random, faults);
    for (const path of new Set([...this.#names.keys(), ...this.#durableNames.keys()])) {
      const seen = this.#names.get(path);
      const durable = this.#durableNames.get(path);
      const settled = seen === durable || random.chance(0.5) ? seen : durable;
      if (settled === undefined) continue;
      const survivor = settled.survivor((write) => this.#survive(write));
      found.#names.set(path, survivor);
      found.#durableNames.set(path, survivor);
    }
    found.#capacityBytes = found.#usedBytes + faults.roomBytes;
    return found;
  }

  /**
   * The disk as the next process finds it if only this one was killed: what was not synced is still there, and may
   * still be lost.
   */
  outlive(faults: DiskFaults = noFaults): SimulatedDisk {
    const found = new SimulatedDisk(this.#random, faults);
    for (const [path, file] of this.#names) found.#names.set(path, file);
    found.#durableNames = new Map(this.#durableNames);
    found.#capacityBytes = found.#usedBytes + faults.roomBytes;
    return found;
  }

  /** Flips one bit of what is on it, of whichever file. */
  flipBit(): void {
    this.hasFlippedBits = true;
    const files = [...this.#names.values()].filter(({ length }) => length > 0);
    if (files.length === 0) return;
    const file = this.#random.pick(files);
    file.flipBit(this.#random.integer(file.length), this.#random.integer(8));
  }

  /** Every file's name and length, for messages. */
  describe(): string {
    return [...this.#names].map(([path, { length }]) => `${basename(path)}: ${length}`).join(", ");
  }

  async createDirectory(): Promise<void> {}

  async list(directory: string): Promise<string[]> {
    await this.#pause();
    return [...this.#names.keys()]
      .filter((path) => dirname(path) === directory)
      .map((path) => basename(path));
  }

  async create(path: string): Promise<LogFile> {
    const file = new SimulatedFile();
    await this.#change({
      operation: () => {
        if (this.#names.has(path)) throw new Error(`${path} exists`);
        if (this.#random.chance(this.#faults.fullChance)) throw failure("ENOSPC");
        this.#names.set(path, file);
      },
    });
    return this.#open(file);
  }

  async open(path: string): Promise<LogFile> {
    await this.#pause();
    return this.#open(this.#existing(path));
  }

  async remove(path: string): Promise<void> {
    await this.#change({
      operation: () => {
        this.#existing(path);
        this.#names.delete(path);
      },
    });
  }

  async syncDirectory(directory: string): Promise<void> {
    await this.#change({
      operation: () => {
        this.#mayFailToSync();
        for (const path of new Set([...this.#names.keys(), ...this.#durableNames.keys()])) {
          if (dirname(path) !== join(directory)) throw new Error(`${path} is in another directory`);
        }
        this.#durableNames = new Map(this.#names);
      },
    });
  }

  async freeBytes(): Promise<number> {
    return Math.max(0, this.#capacityBytes - this.#usedBytes);
  }

  async lock(): Promise<{ release(): Promise<void> }> {
    return { release: async () => {} };
  }

  #open(file: SimulatedFile): LogFile {
    return {
      size: async () => file.length,
      read: async (target, position) => {
        await this.#pause();
        return file.read(target, position);
      },
      readSync: (target, position) => file.read(target, position),
      write: (parts, position) => this.#change(this.#writing(file, Buffer.concat(parts), position)),
      sync: () => this.#change({ operation: () => this.#sync(file) }),
      ...(this.#isQuick && {
        writeSync: (parts: readonly Uint8Array[], position: number) =>
          this.#changeSync(this.#writing(file, Buffer.concat(parts), position)),
        flushSync: () => this.#changeSync({ operation: () => this.#sync(file) }),
      }),
      truncate: (length) =>
        this.#change({ operation: () => file.truncate(length), dying: () => file.truncate(length) }),
      close: async () => {},
    };
  }

  #sync(file: SimulatedFile): void {
    this.#mayFailToSync();
    file.sync();
  }

  #mayFailToSync(): void {
    const isFailing = this.#failsNextSync || this.#random.chance(this.#faults.syncFailureChance);
    this.#failsNextSync = false;
    if (isFailing) throw failure("EIO");
  }

  #writing(file: SimulatedFile, bytes: Buffer, position: number): Change {
    return {
      operation: () => {
        const isFull = bytes.length > 0 && this.#random.chance(this.#faults.fullChance);
        const fitting = isFull ? this.#random.integer(bytes.length) : bytes.length;
        const length = Math.min(fitting, Math.max(0, this.#roomFor(file) - position));
        file.write({ bytes: bytes.subarray(0, length), position });
        if (length < bytes.length) throw failure("ENOSPC");
      },
      // The last write before the end may have reached the disk in part, like any that was not synced.
      dying: () => file.write({ bytes, position }),
    };
  }

  get #usedBytes(): number {
    let bytes = 0;
    for (const { length } of this.#names.values()) bytes += length;
    return bytes;
  }

  /** How long a file may become. What was removed and is open still takes no room. */
  #roomFor(file: SimulatedFile): number {
    return this.#capacityBytes - this.#usedBytes + file.length;
  }

  async #change(change: Change): Promise<void> {
    await this.#pause();
    if (this.#diesIn(change)) await new Promise(() => {});
    change.operation();
    await this.#pause();
  }

  /** There is no way not to answer: a dead disk answers with an error, which nobody lives to see. */
  #changeSync(change: Change): void {
    if (this.#diesIn(change)) throw failure("EIO");
    change.operation();
  }

  #diesIn({ dying }: Change): boolean {
    if (this.isDead || this.#operationsLeft <= 0) {
      if (!this.isDead && this.#random.chance(0.5)) dying?.();
      this.die();
      return true;
    }
    this.#operationsLeft--;
    return false;
  }

  /** What a write that was not synced leaves: all, nothing, a run of its bytes, or all but a hole. */
  #survive({ bytes, position }: Write): Write[] {
    const random = this.#random;
    const fate = random.next();
    if (fate < 0.3) return [{ bytes, position }];
    if (fate < 0.5) return [];
    const cuts = [random.integer(bytes.length + 1), random.integer(bytes.length + 1)];
    const [from, to] = [Math.min(...cuts), Math.max(...cuts)];
    const part = (start: number, end: number) => ({
      bytes: bytes.subarray(start, end),
      position: position + start,
    });
    return fate < 0.75 ? [part(0, to)] : [part(0, from), part(to, bytes.length)];
  }

  /** Sometimes a moment, sometimes long enough for others to run. */
  #pause(): Promise<void> | undefined {
    if (this.#random.chance(0.7)) return undefined;
    return new Promise((resolve) => setImmediate(resolve));
  }

  #existing(path: string): SimulatedFile {
    const file = this.#names.get(path);
    if (file === undefined) throw new Error(`${path} does not exist`);
    return file;
  }
}

function failure(code: string): Error {
  return Object.assign(new Error(`simulated ${code}`), { code });
}
