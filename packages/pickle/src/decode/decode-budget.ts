// How much one pickle may make the reader build, and the errors that say where it stopped.

import { DeserializationError } from "../wire/errors.ts";
import {
  CONTENT_MIN_BYTES,
  type DecodeLimits,
  limitDefaults,
  MEMORY_BASE_BYTES,
  MEMORY_PER_BYTE,
  MEMORY_PER_CONTENT_BYTE,
  MEMORY_TOTAL_MAX_BYTES,
} from "../wire/limits.ts";

/** Costs of what the reader builds, in bytes, as measured: what the engine takes until it collects what is left over. */
export const Cost = {
  /** An empty list, and what its first element adds. */
  array: 32,
  room: 60,
  tuple: 48,
  object: 76,
  element: 12,
  property: 40,
  collection: 200,
  mapEntry: 56,
  setElement: 40,
  bytes: 250,
  text: 32,
  placeholder: 200,
  /** What is kept of an object until it is complete. */
  pending: 200,
  /** A float that is noted as such, and the first such note of a container. */
  mark: 16,
  marks: 300,
} as const;

/** What is left of the limits on memory and elements. */
export class DecodeBudget {
  position = 0;
  private memoryLeft = 0;
  private memoryMaxBytes = 0;
  /** What each byte allows beyond that. */
  private memoryPerByte = 0;
  private grantedUpTo = 0;
  private elementsLeft = 0;
  private elementsMax = 0;

  /** Starts over. */
  protected beginBudget(limits: DecodeLimits): void {
    this.position = 0;
    this.elementsMax = limits.elementsMax ?? limitDefaults.elementsMax;
    this.elementsLeft = this.elementsMax;
    this.memoryMaxBytes = limits.memoryMaxBytes ?? MEMORY_BASE_BYTES;
    this.memoryLeft = this.memoryMaxBytes;
    this.memoryPerByte = limits.memoryMaxBytes === undefined ? MEMORY_PER_BYTE : 0;
    this.grantedUpTo = 0;
  }

  /** An error about the byte position just read. */
  fail(reason: string): DeserializationError {
    return new DeserializationError(`cannot decode: ${reason}, at byte ${this.position}`, {
      offset: this.position,
    });
  }

  /** An error about a byte position. */
  failAt(position: number, reason: string): DeserializationError {
    this.position = position;
    return this.fail(reason);
  }

  /** Takes an estimated number of bytes from the memory budget. */
  spend(costBytes: number): void {
    this.memoryLeft -= costBytes;
    if (this.memoryLeft < 0) this.grantMore();
  }

  /** The same for a text or bytes of this length, which allows for less than as many opcodes do. */
  protected spendContent(costBytes: number, lengthBytes: number): void {
    this.spend(costBytes);
    if (lengthBytes > CONTENT_MIN_BYTES)
      this.grantedUpTo += lengthBytes * (1 - MEMORY_PER_CONTENT_BYTE / MEMORY_PER_BYTE);
  }

  // What has been read since allows for more.
  private grantMore(): void {
    const allowed = Math.floor((this.position - this.grantedUpTo) * this.memoryPerByte);
    const granted = Math.min(allowed, Math.max(0, MEMORY_TOTAL_MAX_BYTES - this.memoryMaxBytes));
    this.grantedUpTo = this.position;
    this.memoryMaxBytes += granted;
    this.memoryLeft += granted;
    if (this.memoryLeft < 0)
      throw this.fail(
        `the value takes more memory than memoryMaxBytes = ${this.memoryMaxBytes}; the option memoryMaxBytes allows more`,
      );
  }

  /** Counts elements that go into a container. */
  countElements(count: number, costBytes: number): void {
    this.elementsLeft -= count;
    if (this.elementsLeft < 0) throw this.fail(`more elements than elementsMax = ${this.elementsMax}`);
    this.spend(count * costBytes);
  }
}
