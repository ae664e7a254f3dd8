/**
 * Tokens for calls that came without one: every call that must not run twice has one, since the router may have to
 * send it twice.
 *
 * A token is a place and a number. Of the calls under way on a shard each has a place of its own; the next call that
 * takes the place has the next number. So there are never more remembered answers than calls under way at once, and
 * a straggler (an attempt that a server gets round to long after the call was answered) finds a higher number than
 * its own and does nothing. The idea is that of RIFL (Lee et al., SOSP 2015).
 */

/** A token of this session, to be given back when the call has an answer. */
export interface SessionToken {
  readonly place: number;
  readonly sequence: number;
}

/** The places of one shard. */
export class SessionTokens {
  readonly #free: SessionToken[] = [];
  #places = 0;

  /** A token that no call under way has. */
  take(): SessionToken {
    return this.#free.pop() ?? { place: this.#places++, sequence: 1 };
  }

  /** Gives back the token of a call that was answered. One whose outcome is unknown must never be given back. */
  giveBack({ place, sequence }: SessionToken): void {
    this.#free.push({ place, sequence: sequence + 1 });
  }
}
