// Which objects of the value being encoded have been written, by identity. Most values hold a few objects, for which a
// scan of an array is quicker than hashing. Where there are more, a Set tells which are new: adding to it costs half of
// what looking into a Map and then adding does. Only once an object is met again its number is looked for.

const SCAN_MAX = 32;

/** Memo numbers by object identity, for one pickle at a time. */
export class IdentityMemo {
  private readonly scanned: (object | undefined)[] = new Array(SCAN_MAX).fill(undefined);
  /** By the order in which the objects came. */
  private readonly numbers: number[] = [];
  private hashed: Set<object> | undefined;
  private places: Map<object, number> | undefined;

  /** The memo number of an object, or -1. */
  get(object: object): number {
    if (this.hashed !== undefined) return this.hashed.has(object) ? this.numberOf(object) : -1;
    const { scanned, numbers } = this;
    for (let index = numbers.length - 1; index >= 0; index--) {
      if (scanned[index] === object) return numbers[index] as number;
    }
    return -1;
  }

  /** Remembers an object that has just been written. */
  set(object: object, number: number): void {
    const { numbers } = this;
    if (this.hashed === undefined && numbers.length === SCAN_MAX)
      this.hashed = new Set(this.scanned as object[]);
    if (this.hashed === undefined) this.scanned[numbers.length] = object;
    else {
      this.hashed.add(object);
      this.places?.set(object, numbers.length);
    }
    numbers.push(number);
  }

  /** The memo number of an object, or -1, and then it is remembered under the given number. */
  note(object: object, number: number): number {
    const { hashed } = this;
    if (hashed === undefined || this.places !== undefined) {
      const known = this.get(object);
      if (known < 0) this.set(object, number);
      return known;
    }
    hashed.add(object);
    if (hashed.size === this.numbers.length) return this.numberOf(object);
    this.numbers.push(number);
    return -1;
  }

  private numberOf(object: object): number {
    if (this.places === undefined) {
      this.places = new Map();
      for (const each of this.hashed as Set<object>) this.places.set(each, this.places.size);
    }
    return this.numbers[this.places.get(object) as number] as number;
  }

  /** Forgets everything, so that no object is kept alive. */
  clear(): void {
    const scanned = Math.min(this.numbers.length, SCAN_MAX);
    for (let index = 0; index < scanned; index++) this.scanned[index] = undefined;
    this.numbers.length = 0;
    this.hashed = undefined;
    this.places = undefined;
  }
}
