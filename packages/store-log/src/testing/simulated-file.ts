/** Bytes written at a place. */
export interface Write {
  readonly bytes: Uint8Array;
  readonly position: number;
}

/** A file of a `SimulatedDisk`: what a process reads, and what is left of it after a loss of power. */
export class SimulatedFile {
  readonly #seen = new GrowingBytes();
  readonly #durable = new GrowingBytes();
  #unsynced: Write[] = [];

  get length(): number {
    return this.#seen.length;
  }

  read(target: Uint8Array, position: number): number {
    return this.#seen.read(target, position);
  }

  write(write: Write): void {
    this.#seen.write(write);
    this.#unsynced.push(write);
  }

  /** From now on everything written so far survives. */
  sync(): void {
    for (const write of this.#unsynced) this.#durable.write(write);
    this.#unsynced = [];
  }

  /** Cuts the file, durably. */
  truncate(length: number): void {
    this.sync();
    this.#seen.cut(length);
    this.#durable.cut(length);
  }

  /** The file after a loss of power, given what becomes of each write that was not synced. */
  survivor(survive: (write: Write) => readonly Write[]): SimulatedFile {
    const survivor = new SimulatedFile();
    survivor.write({ bytes: this.#durable.all(), position: 0 });
    for (const write of this.#unsynced) for (const part of survive(write)) survivor.write(part);
    survivor.sync();
    return survivor;
  }

  /** Changes a bit of what is on disk. */
  flipBit(position: number, bit: number): void {
    this.#seen.flip(position, bit);
    this.#durable.flip(position, bit);
  }
}

/** Bytes with room to grow, so that an append costs what is appended. */
class GrowingBytes {
  #bytes = Buffer.alloc(1024);
  length = 0;

  read(target: Uint8Array, position: number): number {
    return position >= this.length
      ? 0
      : this.#bytes.copy(target, 0, position, Math.min(this.length, position + target.length));
  }

  write({ bytes, position }: Write): void {
    if (bytes.length === 0) return;
    const end = position + bytes.length;
    if (end > this.#bytes.length) {
      const larger = Buffer.alloc(Math.max(end, 2 * this.#bytes.length));
      this.#bytes.copy(larger, 0, 0, this.length);
      this.#bytes = larger;
    }
    // What lies between an end and a write past it reads as zeros.
    if (position > this.length) this.#bytes.fill(0, this.length, position);
    this.#bytes.set(bytes, position);
    this.length = Math.max(this.length, end);
  }

  cut(length: number): void {
    this.length = Math.min(this.length, length);
  }

  all(): Uint8Array {
    return Buffer.from(this.#bytes.subarray(0, this.length));
  }

  flip(position: number, bit: number): void {
    if (position < this.length) this.#bytes[position]! ^= 1 << bit;
  }
}
