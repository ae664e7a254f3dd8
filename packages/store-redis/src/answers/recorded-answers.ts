/**
 * Remembers the answers that this node recorded under its callers' idempotency keys: how much room they take, and where
 * they are, so that they can be forgotten early.
 *
 * The records themselves are in the cluster and end there by themselves. Each node bounds its own records and shares
 * the bound out among callers. A node that is started again does not know its earlier records, but the cluster still
 * does.
 */

import {
  type EverdictError,
  idempotencyGuaranteeMs,
  idempotencyRetentionMs,
  type RecordedMethod,
} from "@everdict/protocol";
import {
  type AnswerShare,
  AnswerShares,
  type Clock,
  type IdempotencyOption,
  otherArguments,
} from "@everdict/store";
import type { KeyPlace } from "../keys/keyspace.ts";

interface RecordedAnswer {
  /** More than one if the call takes more than one script. */
  readonly places: readonly KeyPlace[];
  readonly recordedAtMs: number;
  readonly share: AnswerShare;
  recordBytes: number;
  valueBytes: number;
  /** Of the call that was answered; undefined as long as none was. */
  digest: number | undefined;
}

type KeyedMethod = RecordedMethod | "createDict";

/** A call with an idempotency key. */
export interface KeyedCall {
  readonly method: KeyedMethod;
  /** The dictionary, or the environment that one is created in. */
  readonly scope: string;
  readonly idempotencyKey: string;
  readonly caller: string | undefined;
  /** Of its arguments. */
  readonly digest: number;
}

/** The call as its idempotency key knows it; undefined if it came without one. */
export function keyedCall(
  method: KeyedMethod,
  scope: string,
  { idempotencyKey, caller }: IdempotencyOption,
  digest: () => number,
): KeyedCall | undefined {
  if (idempotencyKey === undefined) return undefined;
  return { method, scope, idempotencyKey, caller, digest: digest() };
}

/** A key of its own and its value, as a server has them, besides the texts. */
const overheadBytes = 128;
// About a millisecond of work.
const dropsPerCall = 256;

/** The answers that this node had recorded. */
export class RecordedAnswers {
  readonly #clock: Clock;
  readonly #shares: AnswerShares;
  readonly #unlink: (place: KeyPlace) => void;
  readonly #records = new Map<string, RecordedAnswer>();

  /** @param unlink removes a record from the cluster, some time. */
  constructor(clock: Clock, budgetBytes: number, unlink: (place: KeyPlace) => void) {
    this.#clock = clock;
    this.#shares = new AnswerShares(budgetBytes);
    this.#unlink = unlink;
  }

  /**
   * For calls whose record a script may not see, since the key of another entry is in another shard.
   *
   * @throws `conflict` if this node had an answer recorded for a call with other arguments
   */
  checkArguments(call: KeyedCall): void {
    const known = this.#records.get(nameOf(call));
    if (known?.digest === undefined || known.digest === call.digest) return;
    if (this.#ageMs(known) < idempotencyRetentionMs) throw otherArguments();
  }

  /** Whether an answer may be recorded in places. If not, a call may still repeat what is recorded there. */
  admit(call: KeyedCall, places: readonly KeyPlace[]): boolean {
    const name = nameOf(call);
    const known = this.#records.get(name);
    if (known !== undefined && this.#ageMs(known) < idempotencyRetentionMs) return true;
    if (known !== undefined) this.#drop(name, known);
    const share = this.#shares.of(call.caller);
    if (!this.#makeRoom(share, answerKind(call))) return false;
    const recordBytes = places.reduce((sum, { key }) => sum + overheadBytes + key.length, 0);
    const recordedAtMs = this.#clock();
    this.#records.set(name, { places, recordedAtMs, share, recordBytes, valueBytes: 0, digest: undefined });
    this.#shares.count(share, recordBytes);
    return true;
  }

  /** The error for a call that was not admitted and has no answer recorded. */
  refusal(call: KeyedCall): EverdictError {
    return this.#shares.refusal(this.#shares.of(call.caller), answerKind(call));
  }

  /** Notes how large the recorded answer is, and to which call. */
  recorded(call: KeyedCall, bytes: number): void {
    const record = this.#records.get(nameOf(call));
    if (record === undefined) return;
    const isFirst = record.digest === undefined;
    record.digest = call.digest;
    if (answerKind(call) === "value") {
      this.#shares.count(record.share, 0, bytes - record.valueBytes);
      record.valueBytes = bytes;
    } else if (isFirst) {
      // No value, but that of a commit of many changes is long.
      this.#shares.count(record.share, bytes);
      record.recordBytes += bytes;
    }
  }

  /** Forgets answers before their time. */
  forget(method: RecordedMethod, scope: string, idempotencyKeys: readonly string[]): void {
    for (const idempotencyKey of idempotencyKeys) {
      const name = nameOf({ method, scope, idempotencyKey });
      const record = this.#records.get(name);
      if (record !== undefined) this.#forget(name, record);
    }
  }

  /** Whether one more answer may be recorded. Drops some of those that are too old to be asked for. */
  #makeRoom(share: AnswerShare, answer: "flag" | "value"): boolean {
    let drops = 0;
    for (const [name, record] of this.#records) {
      const ageMs = this.#ageMs(record);
      const isFull = this.#shares.isFull(share, answer);
      if (drops++ === dropsPerCall || ageMs < (isFull ? idempotencyGuaranteeMs : idempotencyRetentionMs)) {
        return !isFull;
      }
      if (ageMs >= idempotencyRetentionMs) this.#drop(name, record);
      else this.#forget(name, record);
    }
    return !this.#shares.isFull(share, answer);
  }

  #ageMs({ recordedAtMs }: RecordedAnswer): number {
    return this.#clock() - recordedAtMs;
  }

  #forget(name: string, record: RecordedAnswer): void {
    this.#drop(name, record);
    record.places.forEach(this.#unlink);
  }

  #drop(name: string, record: RecordedAnswer): void {
    this.#records.delete(name);
    this.#shares.count(record.share, -record.recordBytes, -record.valueBytes);
  }
}

type Named = Pick<KeyedCall, "method" | "scope" | "idempotencyKey">;

function nameOf({ method, scope, idempotencyKey }: Named): string {
  return `${method} ${scope}\n${idempotencyKey}`;
}

/** Whether the answer may be a value of any size. */
function answerKind({ method }: KeyedCall): "flag" | "value" {
  return method === "pop" ? "value" : "flag";
}
