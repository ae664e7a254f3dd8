/**
 * Many short byte strings in few large buffers.
 *
 * A `Buffer` for each string of 20 bytes would cost a hundred bytes more, and time of the garbage collector. Here a
 * string is a number, its *reference*. A page is cut into blocks of one size. Sizes grow by an eighth, so a block is
 * filled to nine tenths on average. A string larger than `blockMaxBytes` has a buffer of its own.
 *
 * A page without strings is given back. Lengths are the caller's to remember.
 */

import { copyBytes } from "./copy-bytes.ts";
import { equalBytes } from "./equal-bytes.ts";

/** What is taken from the system at once. */
export const pageBytes = 64 * 1024;
const unitBytes = 8;
const unitBits = 13;
const unitMask = (1 << unitBits) - 1;
/** The largest string that shares a page with others. */
export const blockMaxBytes = 2048;
const ownBit = 0x8000_0000;
const noPage = -1;
// References of pages have to stay below `ownBit`; 16 GiB fit. Past that every string has a buffer of its own.
const pagesMax = ownBit / 2 ** unitBits;

/** The sizes of blocks: multiples of 8 up to 128, then eight steps to each doubling. */
const blockSizes = makeBlockSizes();
/** By length in units, rounded up: which of `blockSizes` fits. */
const classOfUnits = makeClasses();

interface Page {
  readonly bytes: Buffer;
  readonly blockClass: number;
  /** Blocks that were never used begin here. */
  fresh: number;
  /** The first block that was given back, in units and plus one; it names the next in its first two bytes. */
  free: number;
  used: number;
  isListed: boolean;
}

/** Strings of bytes by reference. References are positive and below 2^32. */
export class ByteArena {
  readonly #pages: (Page | undefined)[] = [undefined];
  readonly #freePages: number[] = [];
  /** By class: pages that may have room. */
  readonly #roomy: number[][] = blockSizes.map(() => []);
  readonly #own: (Buffer | undefined)[] = [];
  readonly #freeOwn: number[] = [];
  readonly #pagesMax: number;
  #bytes = 0;
  #usedBytes = 0;

  /** @param maxPages - how many pages there may be; only tests have a reason for fewer */
  constructor(maxPages = pagesMax) {
    this.#pagesMax = maxPages;
  }

  /** The memory it takes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Of that, what strings are in; the rest is there for others of their size. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Copies `source[start, start + length)` and answers its reference. */
  add(source: Uint8Array, start: number, length: number): number {
    if (length > blockMaxBytes) return this.#addOwn(source, start, length);
    const blockClass = classOfUnits[(length + unitBytes - 1) >>> 3]!;
    const number = this.#pageWithRoom(blockClass);
    if (number === noPage) return this.#addOwn(source, start, length);
    const page = this.#pages[number]!;
    const at = this.#take(page);
    copyBytes(source, start, page.bytes, at, length);
    return ((number << unitBits) | (at >>> 3)) >>> 0;
  }

  /** Gives a string back. */
  remove(reference: number): void {
    if (reference >= ownBit) {
      this.#removeOwn(reference - ownBit);
      return;
    }
    const number = reference >>> unitBits;
    const page = this.#pages[number]!;
    const at = (reference & unitMask) << 3;
    page.bytes.writeUInt16LE(page.free, at);
    page.free = (at >>> 3) + 1;
    page.used--;
    this.#usedBytes -= blockSizes[page.blockClass]!;
    if (page.used === 0) this.#dropPage(number);
    else if (!page.isListed) this.#list(number, page);
  }

  /** The string, for the caller to keep. */
  read(reference: number, length: number): Buffer {
    if (reference >= ownBit) return this.#own[reference - ownBit]!;
    const target = Buffer.allocUnsafe(length);
    const at = (reference & unitMask) << 3;
    copyBytes(this.#pages[reference >>> unitBits]!.bytes, at, target, 0, length);
    return target;
  }

  /** Whether it is `other[start, start + length)`; it has this length. */
  equals(reference: number, other: Uint8Array, start: number, length: number): boolean {
    const isOwn = reference >= ownBit;
    const bytes = isOwn ? this.#own[reference - ownBit]! : this.#pages[reference >>> unitBits]!.bytes;
    const at = isOwn ? 0 : (reference & unitMask) << 3;
    return equalBytes(bytes, at, other, start, length);
  }

  #take(page: Page): number {
    const blockBytes = blockSizes[page.blockClass]!;
    page.used++;
    this.#usedBytes += blockBytes;
    if (page.free === 0) {
      const at = page.fresh;
      page.fresh += blockBytes;
      return at;
    }
    const at = (page.free - 1) << 3;
    page.free = page.bytes.readUInt16LE(at);
    return at;
  }

  /** Or `noPage`, if there are as many as can be. */
  #pageWithRoom(blockClass: number): number {
    const roomy = this.#roomy[blockClass]!;
    for (;;) {
      const number = roomy.at(-1) ?? noPage;
      if (number === noPage) return this.#newPage(blockClass);
      const page = this.#pages[number]!;
      if (page.free !== 0 || page.fresh + blockSizes[blockClass]! <= pageBytes) return number;
      page.isListed = false;
      roomy.pop();
    }
  }

  #newPage(blockClass: number): number {
    if (this.#freePages.length === 0 && this.#pages.length >= this.#pagesMax) return noPage;
    const number = this.#freePages.pop() ?? this.#pages.push(undefined) - 1;
    const bytes = Buffer.allocUnsafeSlow(pageBytes);
    const page = { bytes, blockClass, fresh: 0, free: 0, used: 0, isListed: false };
    this.#pages[number] = page;
    this.#bytes += pageBytes;
    this.#list(number, page);
    return number;
  }

  #list(number: number, page: Page): void {
    page.isListed = true;
    this.#roomy[page.blockClass]!.push(number);
  }

  #dropPage(number: number): void {
    const page = this.#pages[number]!;
    const roomy = this.#roomy[page.blockClass]!;
    // One stays: a string that comes and goes should not make a page each time.
    if (page.isListed && roomy.length === 1) return;
    if (page.isListed) roomy.splice(roomy.lastIndexOf(number), 1);
    this.#pages[number] = undefined;
    this.#freePages.push(number);
    this.#bytes -= pageBytes;
  }

  #addOwn(source: Uint8Array, start: number, length: number): number {
    const bytes = Buffer.allocUnsafeSlow(length);
    copyBytes(source, start, bytes, 0, length);
    const index = this.#freeOwn.pop() ?? this.#own.push(undefined) - 1;
    this.#own[index] = bytes;
    this.#bytes += length;
    this.#usedBytes += length;
    return ownBit + index;
  }

  #removeOwn(index: number): void {
    const { length } = this.#own[index]!;
    this.#bytes -= length;
    this.#usedBytes -= length;
    this.#own[index] = undefined;
    this.#freeOwn.push(index);
  }
}

function makeBlockSizes(): number[] {
  const sizes: number[] = [];
  let step = unitBytes;
  for (let size = unitBytes; size <= blockMaxBytes; size += step) {
    sizes.push(size);
    if (size >= 16 * step) step *= 2;
  }
  return sizes;
}

function makeClasses(): Uint8Array {
  const classes = new Uint8Array(blockMaxBytes / unitBytes + 1);
  for (let units = 0; units < classes.length; units++) {
    classes[units] = blockSizes.findIndex((size) => size >= units * unitBytes);
  }
  return classes;
}
