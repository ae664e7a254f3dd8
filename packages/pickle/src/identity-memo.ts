// Which objects of the value being encoded have been written, by identity. Most values hold a few objects, for
// which a scan of an array is quicker than hashing; a Map takes over where there are more.

const SCAN_MAX = 32;

/** Memo numbers by object identity, for one pickle at a time. */
export class IdentityMemo {
  private readonly scanned: (object | undefined)[] = new Array(SCAN_MAX).fill(undefined);
  private readonly numbers = new Int32Array(SCAN_MAX);
  private count = 0;
  private hashed: Map<object, number> | undefined;

  /** The memo number of an object, or -1. */
  get(object: object): number {
    if (this.hashed !== undefined) return this.hashed.get(object) ?? -1;
    const { scanned } = this;
    for (let index = this.count - 1; index >= 0; index--) {
      if (scanned[index] === object) return this.numbers[index] as number;
    }
    return -1;
  }

  /** Remembers an object that has just been written. */
  set(object: object, number: number): void {
    if (this.hashed === undefined && this.count < SCAN_MAX) {
      this.scanned[this.count] = object;
      this.numbers[this.count++] = number;
      return;
    }
    this.hashed ??= this.takeOver();
    this.hashed.set(object, number);
  }

  private takeOver(): Map<object, number> {
    const hashed = new Map<object, number>();
    for (let index = 0; index < this.count; index++) {
      hashed.set(this.scanned[index] as object, this.numbers[index] as number);
    }
    return hashed;
  }

  /** Forgets everything, so that no object is kept alive. */
  clear(): void {
    for (let index = 0; index < this.count; index++) this.scanned[index] = undefined;
    this.count = 0;
    this.hashed = undefined;
  }
}
