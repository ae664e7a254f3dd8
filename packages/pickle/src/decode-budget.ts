// How much one pickle may make the reader build, and the errors that say where it stopped.

import { DeserializationError } from "./errors.ts";
import { type DecodeLimits, limitDefaults, memoryGrant } from "./limits.ts";

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

  /** Starts over, for a pickle of this length. */
  protected beginBudget(lengthBytes: number, limits: DecodeLimits): void {
    this.position = 0;
    this.elementsMax = limits.elementsMax ?? limitDefaults.elementsMax;
    this.elementsLeft = this.elementsMax;
    const grant = memoryGrant(lengthBytes);
    const isGiven = limits.memoryMaxBytes !== undefined;
    this.memoryMaxBytes = limits.memoryMaxBytes ?? grant.baseBytes;
    this.memoryLeft = this.memoryMaxBytes;
    this.memoryPerByte = isGiven ? 0 : grant.perByte;
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

  // What has been read since allows for more.
  private grantMore(): void {
    const granted = (this.position - this.grantedUpTo) * this.memoryPerByte;
    this.grantedUpTo = this.position;
    this.memoryMaxBytes += granted;
    this.memoryLeft += granted;
    if (this.memoryLeft < 0)
      throw this.fail(`the value takes more than memoryMaxBytes = ${this.memoryMaxBytes}`);
  }

  /** Counts elements that go into a container. */
  countElements(count: number, costBytes: number): void {
    this.elementsLeft -= count;
    if (this.elementsLeft < 0) throw this.fail(`more elements than elementsMax = ${this.elementsMax}`);
    this.spend(count * costBytes);
  }
}
