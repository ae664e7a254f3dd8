/**
 * Everything that a table knows of each key, in typed arrays, because ten million objects would keep the garbage
 * collector busy for seconds. A slot is fourteen 32-bit words, and flags apart from them:
 *
 * | word | field |
 * | ---: | --- |
 * | 0, 1 | version, a double |
 * | 2, 3 | expiry in milliseconds, a double |
 * | 4, 5 | the version with which the key appeared, a double |
 * | 6, 7 | reference and length of the key |
 * | 8, 9, 10 | the deciding record: segment, offset, length |
 * | 11, 12 | neighbours in an expiry list, plus one; zero: none. Or the place in the heap of ends |
 * | 13 | reference of the value in memory, plus one; zero: none |
 *
 * Chunks of slots double from 8 to 1024: a small dictionary is small, and nothing is ever copied. Those without a slot
 * in use are given back, but for one.
 */

import type { TouchPlace } from "./key-state.ts";

const slotWords = 14;
const slotBytes = 4 * slotWords + 2;
/** Indexes of words. */
export const Word = {
  key: 6,
  keyLength: 7,
  segment: 8,
  offset: 9,
  length: 10,
  earlier: 11,
  later: 12,
  value: 13,
} as const;
/** Indexes of doubles. */
export const Double = { version: 0, expiresAtMs: 1, appearedAt: 2 } as const;
/** Of a slot that is not in use: the next one in its chunk, plus one. */
const nextFreeWord = Word.key;

export const Flag = {
  /** Two bits: see `decisions`. */
  decision: 0b11,
  /** Two bits: the expiry list it is in. */
  list: 0b1100,
  isMoving: 0b1_0000,
  wasRead: 0b10_0000,
  hasTouch: 0b100_0000,
  isInHeap: 0b1000_0000,
  inUse: 0b1_0000_0000,
  isQueued: 0b10_0000_0000,
  isShortened: 0b100_0000_0000,
} as const;
export const listShift = 2;

const firstChunkSlots = 8;
const chunkBits = 10;
const chunkSlots = 1 << chunkBits;
/** Chunks below this number are smaller than the others. */
const smallChunks = 8;
const chunkOverheadBytes = 400;
const noChunk = -1;

export class Chunk {
  readonly words: Uint32Array;
  readonly doubles: Float64Array;
  readonly flags: Uint16Array;
  /** What few slots have, by place in the chunk. */
  touches: Map<number, TouchPlace> | undefined;
  readonly slots: number;
  used = 0;
  fresh = 0;
  free = 0;
  isListed = false;

  constructor(slots: number) {
    this.slots = slots;
    const bytes = new ArrayBuffer(slots * slotBytes);
    this.words = new Uint32Array(bytes, 0, slots * slotWords);
    this.doubles = new Float64Array(bytes, 0, (slots * slotWords) / 2);
    this.flags = new Uint16Array(bytes, slots * slotWords * 4, slots);
  }

  get bytes(): number {
    return this.words.buffer.byteLength + chunkOverheadBytes;
  }
}

/** The slots of a table, by number. */
export class Slots {
  readonly #chunks: (Chunk | undefined)[] = [];
  /** Numbers of chunks that may have room. */
  readonly #roomy: number[] = [];
  /** Numbers of chunks that were given back. */
  readonly #freeNumbers: number[] = [];
  /** A chunk that had no slot in use. */
  #spare = noChunk;
  #bytes = 0;
  #freeSlots = 0;

  /** The memory it takes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Of that, what is there for slots to come. */
  get freeBytes(): number {
    return this.#freeSlots * slotBytes;
  }

  /** All slots in use are below. */
  get end(): number {
    return this.#chunks.length === 0 ? 0 : startOf(this.#chunks.length);
  }

  chunkOf(slot: number): Chunk {
    return this.#chunks[chunkNumber(slot)]!;
  }

  isInUse(slot: number): boolean {
    const chunk = this.#chunks[chunkNumber(slot)];
    return chunk !== undefined && (chunk.flags[placeOf(slot)]! & Flag.inUse) !== 0;
  }

  /** The first slot in use from `slot` on, below `end`; or `end`. */
  next(slot: number, end: number): number {
    let at = slot;
    while (at < end) {
      const number = chunkNumber(at);
      const chunk = this.#chunks[number];
      const chunkEnd = Math.min(end, startOf(number + 1));
      if (chunk !== undefined) {
        for (const start = startOf(number); at < chunkEnd; at++) {
          if ((chunk.flags[at - start]! & Flag.inUse) !== 0) return at;
        }
      }
      at = chunkEnd;
    }
    return end;
  }

  /** A slot whose words are all zero, but for `inUse`. */
  take(): number {
    const number = this.#chunkWithRoom();
    const chunk = this.#chunks[number]!;
    chunk.used++;
    this.#freeSlots--;
    const place = chunk.free === 0 ? chunk.fresh++ : takeReleased(chunk);
    chunk.flags[place] = Flag.inUse;
    return startOf(number) + place;
  }

  /** Gives a slot back. */
  release(slot: number): void {
    const number = chunkNumber(slot);
    const chunk = this.#chunks[number]!;
    const place = slot - startOf(number);
    chunk.flags[place] = 0;
    chunk.words[place * slotWords + nextFreeWord] = chunk.free;
    chunk.free = place + 1;
    chunk.used--;
    this.#freeSlots++;
    if (!chunk.isListed) this.#list(number, chunk);
    if (chunk.used === 0 && number >= smallChunks) this.#drop(number, chunk);
  }

  #chunkWithRoom(): number {
    for (;;) {
      const number = this.#roomy.at(-1);
      if (number === undefined) return this.#addChunk(this.#freeNumbers.pop() ?? this.#chunks.length);
      const chunk = this.#chunks[number]!;
      if (chunk.free !== 0 || chunk.fresh < chunk.slots) return number;
      chunk.isListed = false;
      this.#roomy.pop();
    }
  }

  #addChunk(number: number): number {
    const chunk = new Chunk(startOf(number + 1) - startOf(number));
    this.#chunks[number] = chunk;
    this.#bytes += chunk.bytes;
    this.#freeSlots += chunk.slots;
    this.#list(number, chunk);
    return number;
  }

  #list(number: number, chunk: Chunk): void {
    chunk.isListed = true;
    this.#roomy.push(number);
  }

  /** Gives a chunk back, unless it is the only empty one: a key that comes and goes should not make one each time. */
  #drop(number: number, chunk: Chunk): void {
    const spare = this.#spare === number ? undefined : this.#chunks[this.#spare];
    if (spare?.used !== 0) {
      this.#spare = number;
      return;
    }
    this.#roomy.splice(this.#roomy.lastIndexOf(number), 1);
    this.#freeNumbers.push(number);
    this.#bytes -= chunk.bytes;
    this.#freeSlots -= chunk.slots;
    this.#chunks[number] = undefined;
  }
}

/** The place that was given back last, cleared. */
function takeReleased(chunk: Chunk): number {
  const place = chunk.free - 1;
  const base = baseOf(place);
  chunk.free = chunk.words[base + nextFreeWord]!;
  chunk.words.fill(0, base, base + slotWords);
  return place;
}

/** A slot's place in its chunk. */
export function placeOf(slot: number): number {
  return slot < chunkSlots ? slot - startOf(chunkNumber(slot)) : slot & (chunkSlots - 1);
}

/** Where the words of a place begin. */
export function baseOf(place: number): number {
  return place * slotWords;
}

/** Names the record that decides the key of the place whose words begin at `base`. */
export function setRecord(
  words: Uint32Array,
  base: number,
  segmentNumber: number,
  offset: number,
  length: number,
): void {
  words[base + Word.segment] = segmentNumber;
  words[base + Word.offset] = offset;
  words[base + Word.length] = length;
}

/** Where the doubles of a place begin. */
export function doublesOf(place: number): number {
  return (place * slotWords) / 2;
}

function chunkNumber(slot: number): number {
  if (slot >= chunkSlots) return smallChunks - 1 + (slot >>> chunkBits);
  return slot < firstChunkSlots ? 0 : 29 - Math.clz32(slot);
}

/** The first slot of a chunk. */
function startOf(chunk: number): number {
  if (chunk >= smallChunks) return (chunk - smallChunks + 1) << chunkBits;
  return chunk === 0 ? 0 : firstChunkSlots << (chunk - 1);
}
