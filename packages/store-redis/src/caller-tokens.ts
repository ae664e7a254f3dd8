/**
 * What this node remembers of the answers it had recorded for callers' tokens: how much room they take, and where
 * they are, so that they can be forgotten early.
 *
 * The records themselves are in the cluster and end there by themselves; the bound on them is each node's own. A node
 * that is started again has forgotten what it had recorded, but not the cluster.
 */

import { idempotencyGuaranteeMs, idempotencyRetentionMs } from "@everdict/protocol";
import type { Clock } from "@everdict/store";
import type { KeyPlace } from "./keyspace.ts";

interface Recorded {
  readonly place: KeyPlace;
  readonly recordedAtMs: number;
  bytes: number;
}

/** A key of its own and its value, as a server has them, besides the texts. */
const overheadBytes = 128;

/** The name of a record: `scope` is the dictionary, or the environment that one is created in. */
export function tokenName(operation: string, scope: string, token: string): string {
  return `${operation} ${scope}\n${token}`;
}

/** The answers this node had recorded. */
export class CallerTokens {
  readonly #clock: Clock;
  readonly #budgetBytes: number;
  readonly #forget: (place: KeyPlace) => void;
  readonly #records = new Map<string, Recorded>();
  #bytes = 0;

  /** @param forget removes a record from the cluster, some time. */
  constructor(clock: Clock, budgetBytes: number, forget: (place: KeyPlace) => void) {
    this.#clock = clock;
    this.#budgetBytes = budgetBytes;
    this.#forget = forget;
  }

  /** Whether an answer may be recorded under a key. If not, a call may still repeat what is recorded there. */
  admit(name: string, place: KeyPlace): boolean {
    if (this.#records.has(name)) return true;
    if (!this.#makeRoom()) return false;
    const bytes = overheadBytes + place.key.length;
    this.#records.set(name, { place, recordedAtMs: this.#clock(), bytes });
    this.#bytes += bytes;
    return true;
  }

  /** Notes how large the recorded answer is. */
  recorded(name: string, bytes: number): void {
    const record = this.#records.get(name);
    if (record === undefined) return;
    record.bytes += bytes;
    this.#bytes += bytes;
  }

  /** Forgets a record before its time. */
  forget(name: string): void {
    const record = this.#records.get(name);
    if (record === undefined) return;
    this.#drop(name, record);
    this.#forget(record.place);
  }

  #makeRoom(): boolean {
    const nowMs = this.#clock();
    for (const [name, record] of this.#records) {
      const ageMs = nowMs - record.recordedAtMs;
      if (ageMs >= idempotencyRetentionMs) this.#drop(name, record);
      else if (this.#bytes < this.#budgetBytes) return true;
      else if (ageMs >= idempotencyGuaranteeMs) this.forget(name);
      else return false;
    }
    return this.#bytes < this.#budgetBytes;
  }

  #drop(name: string, record: Recorded): void {
    this.#records.delete(name);
    this.#bytes -= record.bytes;
  }
}
