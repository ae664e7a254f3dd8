/**
 * Answer records: repeated calls get their answers from them.
 *
 * All records live equally long, so their order of insertion is the order of their ends, and the oldest are at the
 * front of the map. A share of the budget is compared before a record is added, so that one record of any size always
 * fits an empty share. When a share is full, its records go before their time if they are so old that no client repeats
 * the call. Only some go at a time, so that nobody waits for them.
 */

import { type Committed, idempotencyGuaranteeMs, idempotencyRetentionMs } from "@everdict/protocol";
import { type AnswerShare, AnswerShares } from "./answer-shares.ts";
import { otherArguments } from "./call-digest.ts";
import type { Clock, IdempotencyOption } from "./store.ts";

interface AnswerRecord {
  readonly answer: unknown;
  readonly digest: number;
  readonly share: AnswerShare;
  readonly recordedAtMs: number;
}

/** A call as records know it. */
export interface RecordedCall {
  /** What it does, and on what. */
  readonly scope: string;
  /** Of its arguments. Called only if there is an idempotency key. */
  readonly digest: () => number;
  /** Whether its answer may be a value of any size, which the record then holds on to. */
  readonly answer: "flag" | "value";
}

// The record, its slot in the map and the idempotency key's text as V8 has them, besides the text's characters.
const recordOverheadBytes = 128;
// What became of one change of a commit, with its version.
const resultOverheadBytes = 64;
// About a millisecond of work.
const dropsPerCall = 256;

/** Answers by operation, scope and idempotency key, kept for the retention time within a budget. */
export class AnswerRecords {
  readonly #clock: Clock;
  readonly #shares: AnswerShares;
  readonly #records = new Map<string, AnswerRecord>();

  constructor(clock: Clock, budgetBytes: number) {
    this.#clock = clock;
    this.#shares = new AnswerShares(budgetBytes);
  }

  /**
   * Answers from the record if there is one, else does the operation and records its answer.
   *
   * @throws `overloaded`, before doing anything; `conflict` if the idempotency key is of a call with other arguments
   */
  once<Answer>(
    call: RecordedCall,
    { idempotencyKey, caller }: IdempotencyOption,
    operation: () => Answer,
  ): Answer {
    if (idempotencyKey === undefined) return operation();
    const name = nameOf(call.scope, idempotencyKey);
    const digest = call.digest();
    const known = this.#records.get(name);
    if (known !== undefined) {
      if (known.digest !== digest) throw otherArguments();
      return known.answer as Answer;
    }
    const share = this.#shares.of(caller);
    this.#makeRoom(share, call.answer);
    const answer = operation();
    const record = { answer, digest, share, recordedAtMs: this.#clock() };
    this.#records.set(name, record);
    this.#shares.count(share, recordBytesOf(name, record), valueBytesOf(record));
    return answer;
  }

  /** Drops a record, if it is there, before its time. */
  forget(scope: string, idempotencyKey: string): void {
    const name = nameOf(scope, idempotencyKey);
    const record = this.#records.get(name);
    if (record !== undefined) this.#drop(name, record);
  }

  /** Drops at most this many records past their time, and returns whether more are due. */
  sweep(maxRecords: number): { readonly more: boolean } {
    for (let dropped = 0; this.#dropOldest(idempotencyRetentionMs); dropped++) {
      if (dropped + 1 >= maxRecords) return { more: this.#oldest(idempotencyRetentionMs) !== undefined };
    }
    return { more: false };
  }

  #makeRoom(share: AnswerShare, answer: "flag" | "value"): void {
    for (let drops = 0; this.#shares.isFull(share, answer); drops++) {
      if (drops === dropsPerCall || !this.#dropOldest(idempotencyGuaranteeMs)) {
        throw this.#shares.refusal(share, answer);
      }
    }
  }

  /** The oldest record, if it is at least that old. */
  #oldest(ageMs: number): [string, AnswerRecord] | undefined {
    const oldest = this.#records.entries().next();
    if (oldest.done) return undefined;
    return oldest.value[1].recordedAtMs + ageMs <= this.#clock() ? oldest.value : undefined;
  }

  #dropOldest(ageMs: number): boolean {
    const oldest = this.#oldest(ageMs);
    if (oldest !== undefined) this.#drop(...oldest);
    return oldest !== undefined;
  }

  #drop(name: string, record: AnswerRecord): void {
    this.#records.delete(name);
    this.#shares.count(record.share, -recordBytesOf(name, record), -valueBytesOf(record));
  }
}

/**
 * Copies a string. A string that was put together by `+` keeps its parts in memory, and the strings that they are parts
 * of, such as the header of a call (measured: over gRPC 2 KiB a record instead of 0.4).
 */
function nameOf(scope: string, idempotencyKey: string): string {
  return [scope, idempotencyKey].join("\n");
}

function recordBytesOf(name: string, { answer }: AnswerRecord): number {
  let bytes = recordOverheadBytes + name.length;
  if (!isCommitted(answer)) return bytes;
  for (const { value } of answer.results) bytes += resultOverheadBytes + (value?.length ?? 0);
  return bytes;
}

function isCommitted(answer: unknown): answer is Committed {
  return typeof answer === "object" && answer !== null && "results" in answer;
}

function valueBytesOf({ answer }: AnswerRecord): number {
  return answer instanceof Uint8Array ? answer.length : 0;
}
