/**
 * What this node remembers of the answers it had recorded for callers' tokens: how much room they take, and where
 * they are, so that they can be forgotten early.
 *
 * The records themselves are in the cluster and end there by themselves; the bound on them is each node's own, shared
 * out by callers. A node that is started again has forgotten what it had recorded, but not the cluster.
 */

import { type EverdictError, idempotencyGuaranteeMs, idempotencyRetentionMs } from "@everdict/protocol";
import { type AnswerShare, AnswerShares, type Clock, otherArguments } from "@everdict/store";
import type { KeyPlace } from "./keyspace.ts";

interface Recorded {
  readonly place: KeyPlace;
  readonly recordedAtMs: number;
  readonly share: AnswerShare;
  readonly recordBytes: number;
  valueBytes: number;
  /** Of the call that was answered; undefined as long as none was. */
  digest: number | undefined;
}

/** A call under a caller's token. */
export interface CallerCall {
  readonly operation: string;
  readonly token: string;
  readonly caller: string | undefined;
  /** Of its arguments. */
  readonly digest: number;
  /** Whether its answer may be a value of any size. */
  readonly answer: "flag" | "value";
}

/** A key of its own and its value, as a server has them, besides the texts. */
const overheadBytes = 128;
// About a millisecond of work.
const dropsPerCall = 256;

/** The name of a record: `scope` is the dictionary, or the environment that one is created in. */
export function tokenName(operation: string, scope: string, token: string): string {
  return `${operation} ${scope}\n${token}`;
}

/** The answers this node had recorded. */
export class CallerTokens {
  readonly #clock: Clock;
  readonly #shares: AnswerShares;
  readonly #forget: (place: KeyPlace) => void;
  readonly #records = new Map<string, Recorded>();

  /** @param forget removes a record from the cluster, some time. */
  constructor(clock: Clock, budgetBytes: number, forget: (place: KeyPlace) => void) {
    this.#clock = clock;
    this.#shares = new AnswerShares(budgetBytes);
    this.#forget = forget;
  }

  /**
   * Whether an answer may be recorded under a key. If not, a call may still repeat what is recorded there.
   *
   * @throws `conflict` if this node had an answer recorded for a call with other arguments
   */
  admit(name: string, { place, caller, digest, answer }: CallerCall & { readonly place: KeyPlace }): boolean {
    const known = this.#records.get(name);
    const isCurrent = known !== undefined && this.#ageMs(known) < idempotencyRetentionMs;
    if (isCurrent && known.digest !== undefined && known.digest !== digest) throw otherArguments();
    if (isCurrent) return true;
    if (known !== undefined) this.#drop(name, known);
    const share = this.#shares.of(caller);
    if (!this.#makeRoom(share, answer)) return false;
    const recordBytes = overheadBytes + place.key.length;
    const recordedAtMs = this.#clock();
    this.#records.set(name, { place, recordedAtMs, share, recordBytes, valueBytes: 0, digest: undefined });
    this.#shares.count(share, recordBytes);
    return true;
  }

  /** The error for a call that was not admitted and has no answer recorded. */
  refusal({ caller, answer }: CallerCall): EverdictError {
    return this.#shares.refusal(this.#shares.of(caller), answer);
  }

  /** Notes how large the recorded answer is, and to which call. */
  recorded(name: string, bytes: number, { digest }: CallerCall): void {
    const record = this.#records.get(name);
    if (record === undefined) return;
    record.digest = digest;
    this.#shares.count(record.share, 0, bytes - record.valueBytes);
    record.valueBytes = bytes;
  }

  /** Forgets a record before its time. */
  forget(name: string): void {
    const record = this.#records.get(name);
    if (record === undefined) return;
    this.#drop(name, record);
    this.#forget(record.place);
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
      else this.forget(name);
    }
    return !this.#shares.isFull(share, answer);
  }

  #ageMs({ recordedAtMs }: Recorded): number {
    return this.#clock() - recordedAtMs;
  }

  #drop(name: string, record: Recorded): void {
    this.#records.delete(name);
    this.#shares.count(record.share, -record.recordBytes, -record.valueBytes);
  }
}
