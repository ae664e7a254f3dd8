/**
 * Idempotency keys that a node makes for calls that came without one. Every call that must not run twice has a key,
 * because the router may have to send it twice.
 *
 * A key is a series and a number in it. Each call under way on a shard has a series of its own, and the next call that
 * takes the series has the next number. So there are never more recorded answers than calls under way at once. A
 * straggler (an attempt that a server executes long after the call was answered) finds a higher number than its own and
 * does nothing. The idea is that of RIFL (Lee et al., SOSP 2015).
 */

/** A key that a node made, to be given back when its call has an answer. */
export interface NodeKey {
  /** Under which the latest answer of the series is recorded. */
  readonly series: string;
  readonly sequence: number;
}

/** The series of one shard. */
export class NodeKeys {
  readonly #nonce: string;
  readonly #free: NodeKey[] = [];
  #made = 0;

  /** @param nonce which no other maker of keys for this shard has. */
  constructor(nonce: string) {
    this.#nonce = nonce;
  }

  /** A key that no call under way has. */
  take(): NodeKey {
    return this.#free.pop() ?? { series: `${this.#nonce}.${this.#made++}`, sequence: 1 };
  }

  /** Gives back the key of a call that was answered. One whose outcome is unknown must never be given back. */
  giveBack({ series, sequence }: NodeKey): void {
    this.#free.push({ series, sequence: sequence + 1 });
  }
}
