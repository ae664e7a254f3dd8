/**
 * Token records: what repeated calls are answered from.
 *
 * All records live equally long, so their order of insertion is the order of their ends, and the oldest are at
 * the front of the map. The budget is in bytes, because an answer can be a popped value of any size; it is
 * compared before a record is added, so that one record of any size always fits an empty budget. When it is full,
 * records that are older than anybody repeats a call go before their time.
 */

import { createError, idempotencyGuaranteeMs, idempotencyRetentionMs } from "@everdict/protocol";
import type { Clock } from "./store.ts";

interface TokenRecord {
  readonly answer: unknown;
  readonly recordedAtMs: number;
}

// The record, its slot in the map and the token's text as V8 has them, besides the text's characters.
const recordOverheadBytes = 128;

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
    const name = nameOf(scope, token);
    const known = this.#records.get(name);
    if (known !== undefined) return known.answer as Answer;
    this.#makeRoom();
    const answer = operation();
    this.#records.set(name, { answer, recordedAtMs: this.#clock() });
    this.#bytes += costOf(name, answer);
    return answer;
  }

  /** Drops a record, if it is there, before its time. */
  forget(scope: string, token: string): void {
    const name = nameOf(scope, token);
    const record = this.#records.get(name);
    if (record !== undefined) this.#drop(name, record);
  }

  /** Drops up to so many records past their time, and says whether more are. */
  sweep(maxRecords: number): { readonly more: boolean } {
    for (let dropped = 0; this.#dropOldest(idempotencyRetentionMs); dropped++) {
      if (dropped + 1 >= maxRecords) return { more: this.#oldest(idempotencyRetentionMs) !== undefined };
    }
    return { more: false };
  }

  #makeRoom(): void {
    while (this.#bytes >= this.#budgetBytes) {
      if (this.#dropOldest(idempotencyGuaranteeMs)) continue;
      throw createError(
        "overloaded",
        `the answers kept for repeated calls hold ${this.#bytes} bytes, the limit is ${this.#budgetBytes}`,
      );
    }
  }

  /** The oldest record, if it is at least that old. */
  #oldest(ageMs: number): [string, TokenRecord] | undefined {
    const oldest = this.#records.entries().next();
    if (oldest.done) return undefined;
    return oldest.value[1].recordedAtMs + ageMs <= this.#clock() ? oldest.value : undefined;
  }

  #dropOldest(ageMs: number): boolean {
    const oldest = this.#oldest(ageMs);
    if (oldest !== undefined) this.#drop(...oldest);
    return oldest !== undefined;
  }

  #drop(name: string, { answer }: TokenRecord): void {
    this.#records.delete(name);
    this.#bytes -= costOf(name, answer);
  }
}

/**
 * A string of its own: one that is put together by `+` goes on holding its parts, and what these are parts of, such as
 * the header of a call (measured: over gRPC 2 KiB a record instead of 0.4).
 */
function nameOf(scope: string, token: string): string {
  return [scope, token].join("\n");
}

function costOf(name: string, answer: unknown): number {
  return recordOverheadBytes + name.length + (answer instanceof Uint8Array ? answer.length : 0);
}
