/**
 * Shares out the memory for answer records among callers.
 *
 * An answer record belongs to the caller that got the answer. A caller's share is the budget divided by one more than
 * the number of callers that have records, so that there is room for the next caller. It is at least a 64th of the
 * budget, however much others have. Popped values that are kept in memory count only against calls whose answer may be
 * a value. A flag always fits within the share.
 */

import { createError, type EverdictError } from "@everdict/protocol";
import { callerTag } from "./call-digest.ts";

/** What the answers to one caller hold. */
export interface AnswerShare {
  /** Stands for the caller in records; 0: nobody knows whose they are. */
  readonly tag: number;
  /** Bytes of records, values apart. */
  readonly recordBytes: number;
  /** Bytes of values in memory that records hold on to. */
  readonly valueBytes: number;
}

const smallestPart = 64;

/** The shares of all callers of one store. */
export class AnswerShares {
  readonly #budgetBytes: number;
  readonly #byCaller = new Map<string, AnswerShare>();
  readonly #byTag = new Map<number, Writable<AnswerShare>>();
  #holders = 0;
  #recordBytes = 0;

  constructor(budgetBytes: number) {
    this.#budgetBytes = budgetBytes;
  }

  /** What all records take, values apart. */
  get recordBytes(): number {
    return this.#recordBytes;
  }

  /** The share of a caller; calls that name none have one together. */
  of(caller = ""): AnswerShare {
    let share = this.#byCaller.get(caller);
    if (share === undefined) {
      share = this.ofTag(callerTag(caller));
      this.#byCaller.set(caller, share);
    }
    return share;
  }

  /** The share of the caller that a tag stands for. */
  ofTag(tag: number): AnswerShare {
    let share = this.#byTag.get(tag);
    if (share === undefined) {
      share = { tag, recordBytes: 0, valueBytes: 0 };
      this.#byTag.set(tag, share);
    }
    return share;
  }

  /** Whether a caller must wait until some of its answers are old. */
  isFull(share: AnswerShare, answer: "flag" | "value" = "flag"): boolean {
    return heldBy(share, answer) >= this.#limit(share);
  }

  /** The error for a caller that must wait. */
  refusal(share: AnswerShare, answer: "flag" | "value" = "flag"): EverdictError {
    const held = heldBy(share, answer);
    return createError(
      "overloaded",
      `the answers kept for this caller's repeated calls hold ${held} bytes, the limit is ${this.#limit(share)}`,
    );
  }

  /** Counts a record, and the value in memory that it holds on to. Negative: counts them no more. */
  count(share: AnswerShare, recordBytes: number, valueBytes = 0): void {
    const own = share as Writable<AnswerShare>;
    const before = own.recordBytes;
    own.recordBytes += recordBytes;
    own.valueBytes += valueBytes;
    this.#recordBytes += recordBytes;
    if (before === 0) this.#holders++;
    if (own.recordBytes === 0) this.#holders--;
  }

  #limit(share: AnswerShare): number {
    const callers = share.recordBytes === 0 ? this.#holders + 1 : this.#holders;
    return Math.ceil(this.#budgetBytes / Math.min(callers + 1, smallestPart));
  }
}

type Writable<T> = { -readonly [Name in keyof T]: T[Name] };

function heldBy({ recordBytes, valueBytes }: AnswerShare, answer: "flag" | "value"): number {
  return answer === "flag" ? recordBytes : recordBytes + valueBytes;
}
