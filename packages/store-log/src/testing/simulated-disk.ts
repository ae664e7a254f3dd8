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
import type { FileLayer, LogFile } from "../files.ts";

/** What goes wrong, besides the loss of power. */
export interface DiskFaults {
  /** The chance that a write is refused because the disk is full, after a part of it. */
  readonly fullChance: number;
  /** The chance that a flush fails. */
  readonly syncFailureChance: number;
  /** For tests of the tests: flushes are promised and not done. */
  readonly ignoresSync?: boolean;
  /** For tests of the tests: directories are never synced. */
  readonly ignoresDirectorySync?: boolean;
}

interface Write {
  readonly bytes: Buffer;
  readonly position: number;
}

/** A file's content, which its names in the directory refer to. */
class Content {
  /** What a process reads. */
  bytes: Buffer = Buffer.alloc(0);
  /** What is left after a loss of power, whatever else is. */
  durable: Buffer = Buffer.alloc(0);
  unsynced: Write[] = [];

  write(write: Write): void {
    this.bytes = written(this.bytes, write);
    this.unsynced.push(write);
  }

  sync(): void {
    this.durable = this.bytes;
    this.unsynced = [];
  }
}

/** See the top of the file. */
export class SimulatedDisk implements FileLayer {
  readonly #random: SeededRandom;
  readonly #faults: DiskFaults;
  readonly #names = new Map<string, Content>();
  #durableNames = new Map<string, Content>();
  #operationsLeft = Number.POSITIVE_INFINITY;
  #announceDeath!: () => void;
  /** Resolves when the disk dies. */
  readonly death = new Promise<void>((resolve) => {
    this.#announceDeath = resolve;
  });

  constructor(random: SeededRandom, faults: DiskFaults) {
    this.#random = random;
    this.#faults = faults;
  }

  /** Lets so many more changes happen; the one after them is the last thing that is begun. */
  dieAfter(operations: number): void {
    this.#operationsLeft = operations;
  }

  /** The disk as it is found after the power is back. */
  crash(faults: DiskFaults): SimulatedDisk {
    const random = this.#random;
    const found = new SimulatedDisk(random, faults);
    for (const path of new Set([...this.#names.keys(), ...this.#durableNames.keys()])) {
      const content = random.chance(0.5) ? this.#names.get(path) : this.#durableNames.get(path);
      const settled =
        this.#names.get(path) === this.#durableNames.get(path) ? this.#names.get(path) : content;
      if (settled === undefined) continue;
      const survivor = new Content();
      survivor.bytes = settled.unsynced.reduce(
        (bytes, write) => this.#survive(bytes, write),
        settled.durable,
      );
      survivor.sync();
      found.#names.set(path, survivor);
      found.#durableNames.set(path, survivor);
    }
    return found;
  }

  /** Every file's name and length, for messages. */
  describe(): string {
    return [...this.#names].map(([path, { bytes }]) => `${basename(path)}: ${bytes.length}`).join(", ");
  }

  async createDirectory(): Promise<void> {}

  async list(directory: string): Promise<string[]> {
    await this.#pause();
    return [...this.#names.keys()]
      .filter((path) => dirname(path) === directory)
      .map((path) => basename(path));
  }

  async create(path: string): Promise<LogFile> {
    const content = new Content();
    await this.#change(() => {
      if (this.#names.has(path)) throw new Error(`${path} exists`);
      this.#names.set(path, content);
    });
    return this.#file(content);
  }

  async open(path: string): Promise<LogFile> {
    await this.#pause();
    return this.#file(this.#existing(path));
  }

  async remove(path: string): Promise<void> {
    await this.#change(() => {
      this.#existing(path);
      this.#names.delete(path);
    });
  }

  async syncDirectory(directory: string): Promise<void> {
    await this.#change(() => {
      if (this.#faults.ignoresDirectorySync) return;
      for (const path of new Set([...this.#names.keys(), ...this.#durableNames.keys()])) {
        if (dirname(path) !== join(directory)) throw new Error(`${path} is in another directory`);
      }
      this.#durableNames = new Map(this.#names);
    });
  }

  async lock(): Promise<{ release(): Promise<void> }> {
    return { release: async () => {} };
  }

  #file(content: Content): LogFile {
    const read = (target: Uint8Array, position: number) =>
      content.bytes.copy(target, 0, position, position + target.length);
    return {
      size: async () => content.bytes.length,
      read: async (target, position) => {
        await this.#pause();
        return read(target, position);
      },
      readSync: read,
      write: (parts, position) => this.#write(content, Buffer.concat(parts), position),
      sync: () =>
        this.#change(() => {
          if (this.#random.chance(this.#faults.syncFailureChance)) throw failure("EIO");
          if (!this.#faults.ignoresSync) content.sync();
        }),
      truncate: (length) =>
        this.#change(() => {
          content.bytes = Buffer.from(content.bytes.subarray(0, length));
          content.sync();
        }),
      close: async () => {},
    };
  }

  async #write(content: Content, bytes: Buffer, position: number): Promise<void> {
    await this.#change(
      () => {
        const isFull = bytes.length > 0 && this.#random.chance(this.#faults.fullChance);
        const fitting = isFull ? bytes.subarray(0, this.#random.integer(bytes.length)) : bytes;
        content.write({ bytes: fitting, position });
        if (isFull) throw failure("ENOSPC");
      },
      // The last write before the end may have reached the disk in part, like any that was not synced.
      () => content.write({ bytes, position }),
    );
  }

  async #change(operation: () => void, dying?: () => void): Promise<void> {
    await this.#pause();
    if (this.#operationsLeft <= 0) {
      this.#announceDeath();
      if (this.#operationsLeft === 0 && this.#random.chance(0.5)) dying?.();
      this.#operationsLeft = -1;
      await new Promise(() => {});
    }
    this.#operationsLeft--;
    operation();
    await this.#pause();
  }

  /** What a write that was not synced leaves: all, a run of its bytes, a hole in it, or nothing. */
  #survive(bytes: Buffer, write: Write): Buffer {
    const random = this.#random;
    const fate = random.next();
    if (fate < 0.3) return written(bytes, write);
    if (fate < 0.5) return bytes;
    const cuts = [random.integer(write.bytes.length + 1), random.integer(write.bytes.length + 1)];
    const [from, to] = [Math.min(...cuts), Math.max(...cuts)];
    const part = (start: number, end: number) => ({
      bytes: write.bytes.subarray(start, end),
      position: write.position + start,
    });
    if (fate < 0.75) return written(bytes, part(0, to));
    return written(written(bytes, part(0, from)), part(to, write.bytes.length));
  }

  /** Sometimes a moment, sometimes long enough for others to run. */
  #pause(): Promise<void> {
    if (this.#random.chance(0.5)) return Promise.resolve();
    return new Promise((resolve) => setImmediate(resolve));
  }

  #existing(path: string): Content {
    const content = this.#names.get(path);
    if (content === undefined) throw new Error(`${path} does not exist`);
    return content;
  }
}

function written(bytes: Buffer, { bytes: added, position }: Write): Buffer {
  if (added.length === 0) return bytes;
  const result = Buffer.alloc(Math.max(bytes.length, position + added.length));
  bytes.copy(result);
  added.copy(result, position);
  return result;
}

function failure(code: string): Error {
  return Object.assign(new Error(`simulated ${code}`), { code });
}
