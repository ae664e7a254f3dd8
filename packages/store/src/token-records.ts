/**
 * Token records: what repeated calls are answered from.
 *
 * All records live equally long, so their order of insertion is the order of their ends, and the oldest are at
 * the front of the map. The budget is in bytes, because an answer can be a popped value of any size; it is
 * compared before a record is added, so that one record of any size always fits an empty budget.
 */

import { createError, idempotencyRetentionMs } from "@everdict/protocol";
import type { Clock } from "./store.ts";

interface TokenRecord {
  readonly answer: unknown;
  readonly recordedAtMs: number;
  readonly bytes: number;
}

// The map's slot, the record and the token's text, roughly.
const recordOverheadBytes = 256;

/** Answers by operation, scope and token, kept for the retention time within a budget. */
export class TokenRecords {
  readonly #clock: Clock;
  readonly #budgetBytes: number;
  readonly #records = new Map<string, TokenRecord>();
  #bytes = 0;

  constructor(clock: Clock, budgetBytes: number) {
    this.#clock = clock;
    this.#budgetBytes = budgetBytes;
  }

  /**
   * Answers from the record if there is one, else does the operation and records its answer.
   *
   * @throws `overloaded`, before doing anything
   */
  once<Answer>(scope: string, token: string | undefined, operation: () => Answer): Answer {
    if (token === undefined) return operation();
    const name = `${scope}\n${token}`;
    const known = this.#records.get(name);
    if (known !== undefined) return known.answer as Answer;
    this.#makeRoom();
    const answer = operation();
    const bytes = recordOverheadBytes + 2 * name.length + (answer instanceof Uint8Array ? answer.length : 0);
    this.#records.set(name, { answer, recordedAtMs: this.#clock(), bytes });
    this.#bytes += bytes;
    return answer;
  }

  /** Drops up to so many records past their time, and says whether more are. */
  sweep(maxRecords: number): { readonly more: boolean } {
    for (let dropped = 0; this.#dropOldestIfDue(); dropped++) {
      if (dropped + 1 >= maxRecords) return { more: this.#oldestDue() !== undefined };
    }
    return { more: false };
  }

  #makeRoom(): void {
    while (this.#bytes >= this.#budgetBytes) {
      if (this.#dropOldestIfDue()) continue;
      throw createError(
        "overloaded",
        `the answers kept for repeated calls hold ${this.#bytes} bytes, the limit is ${this.#budgetBytes}`,
      );
    }
  }

  #oldestDue(): string | undefined {
    const oldest = this.#records.entries().next();
    if (oldest.done) return undefined;
    const [name, record] = oldest.value;
    return record.recordedAtMs + idempotencyRetentionMs <= this.#clock() ? name : undefined;
  }

  #dropOldestIfDue(): boolean {
    const name = this.#oldestDue();
    if (name === undefined) return false;
    this.#bytes -= this.#records.get(name)!.bytes;
    this.#records.delete(name);
    return true;
  }
}
