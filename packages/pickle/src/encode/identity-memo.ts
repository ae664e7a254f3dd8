// Which objects of the value being encoded have been written, by identity.
//
// JavaScript hashes objects by identity only within a Set or Map, where adding one costs as much as writing two
// properties. So the first few hundred objects stand in a table, at a place that a hash of their content gives. Only
// objects at the same place are compared. Where many look alike, or where there are more, a Set takes over.

const SLOT_BITS = 10;
const SLOTS = 1 << SLOT_BITS;
const OBJECTS_MAX = SLOTS / 2;
/** So many objects that look alike are compared quicker than they are hashed. */
const PROBES_MAX = 32;

/** Memo numbers by object identity, for one pickle at a time. */
export class IdentityMemo {
  private readonly slots: (object | undefined)[] = new Array(SLOTS).fill(undefined);
  private readonly slotNumbers = new Int32Array(SLOTS);
  /** The slots of the objects, as they came. */
  private readonly taken = new Int32Array(OBJECTS_MAX);
  private count = 0;
  private hashed: HashedMemo | undefined;

  /** The memo number of an object, or -1. The hash (see content-hash.ts) must be the same each time. */
  get(object: object, hash = 0): number {
    if (this.hashed !== undefined) return this.hashed.get(object);
    const slot = this.find(object, hash);
    return slot >= 0 && this.slots[slot] === object ? (this.slotNumbers[slot] as number) : -1;
  }

  /** The memo number of an object, or -1, and then it is remembered under the given number. */
  note(object: object, number: number, hash = 0): number {
    if (this.hashed !== undefined) return this.hashed.note(object, number);
    const slot = this.find(object, hash);
    if (slot < 0) return this.startHashing().note(object, number);
    if (this.slots[slot] === object) return this.slotNumbers[slot] as number;
    this.slots[slot] = object;
    this.slotNumbers[slot] = number;
    this.taken[this.count++] = slot;
    return -1;
  }

  /** The slot of an object, or else one that is free for it, or -1 if the table is no help. */
  private find(object: object, hash: number): number {
    const { slots } = this;
    let slot = Math.imul(hash, 0x9e3779b1) >>> (32 - SLOT_BITS);
    for (let left = PROBES_MAX; left > 0; left--) {
      const found = slots[slot];
      if (found === object) return slot;
      if (found === undefined) return this.count < OBJECTS_MAX ? slot : -1;
      slot = (slot + 1) & (SLOTS - 1);
    }
    return -1;
  }

  private startHashing(): HashedMemo {
    this.hashed = new HashedMemo();
    for (let place = 0; place < this.count; place++) {
      const slot = this.taken[place] as number;
      this.hashed.note(this.slots[slot] as object, this.slotNumbers[slot] as number);
    }
    return this.hashed;
  }

  /** Forgets everything, so that no object is kept alive. */
  clear(): void {
    const { slots, taken } = this;
    for (let place = 0; place < this.count; place++) slots[taken[place] as number] = undefined;
    this.count = 0;
    this.hashed = undefined;
  }
}

/** The same for any number of objects. Adding to a Set costs half of what looking into a Map and then adding does. */
class HashedMemo {
  private readonly objects = new Set<object>();
  /** By the order in which the objects came. */
  private readonly numbers: number[] = [];
  /** Only once an object is met again its number is looked for. */
  private places: Map<object, number> | undefined;

  get(object: object): number {
    if (!this.objects.has(object)) return -1;
    if (this.places === undefined) {
      this.places = new Map();
      for (const each of this.objects) this.places.set(each, this.places.size);
    }
    return this.numbers[this.places.get(object) as number] as number;
  }

  note(object: object, number: number): number {
    const { objects, numbers, places } = this;
    objects.add(object);
    if (objects.size === numbers.length) return this.get(object);
    places?.set(object, numbers.length);
    numbers.push(number);
    return -1;
  }
}
