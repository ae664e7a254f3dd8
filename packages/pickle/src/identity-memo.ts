// Which objects of the value being encoded have been written, by identity. Most values hold a handful of objects,
// for which a scan of a small array beats hashing; a Map takes over where there are more.

const SCAN_MAX = 12;

/** Memo numbers by object identity, for one pickle at a time. */
export class IdentityMemo {
  private readonly scanned: (object | undefined)[] = new Array(SCAN_MAX).fill(undefined);
  private readonly numbers: number[] = new Array(SCAN_MAX).fill(0);
  private count = 0;
  private hashed: Map<object, number> | undefined;

  /** The memo number of an object, or -1. */
  get(object: object): number {
    const { count, scanned } = this;
    for (let index = 0; index < count; index++) {
      if (scanned[index] === object) return this.numbers[index] as number;
    }
    return this.hashed === undefined ? -1 : (this.hashed.get(object) ?? -1);
  }

  /** Remembers an object that has just been written. */
  set(object: object, number: number): void {
    if (this.count < SCAN_MAX) {
      this.scanned[this.count] = object;
      this.numbers[this.count++] = number;
      return;
    }
    this.hashed ??= new Map();
    this.hashed.set(object, number);
  }

  /** Forgets everything, so that no object is kept alive. */
  clear(): void {
    for (let index = 0; index < this.count; index++) this.scanned[index] = undefined;
    this.count = 0;
    this.hashed = undefined;
  }
}
