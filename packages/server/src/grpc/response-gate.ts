import type { ServerHttp2Stream } from "node:http2";

/**
 * How much of the answers on one HTTP/2 connection its client has not taken, and the calls that wait because of it.
 *
 * A client decides by its windows when answers may be sent; one that opens none, or reads too slowly, leaves them in
 * our memory. So while much is unsent on its connection, further calls wait for their turn. That does not bound
 * what calls find that were begun before: a read then lets go of what it found and is made again in its turn, which
 * costs less than keeping it. Only `pop` keeps its answer in any case, which was in the store until then.
 *
 * Nobody is refused who takes answers at any pace: a client that asks for a thousand large values at once gets them
 * one after the other. Whoever waits for long all the same is told so by its own clock, see `GrpcCall`.
 */

/** A call that may have to wait for its turn. */
export interface GatedCall {
  /** It is its turn. Resolves, never rejects, when it has its answer or must wait again. */
  onTurn(): Promise<void>;
}

/** So much may be unsent before calls wait. A single answer may be larger. */
const unsentMaxBytes = 16 * 1024 * 1024;
/** How many of those that had to wait may run at the same time. */
const admittedMax = 16;

/** The gate of one connection. */
export class ResponseGate {
  #unsentBytes = 0;
  #admitted = 0;
  /** What an answer takes, going by the last. */
  #answerBytes = 0;
  readonly #waiting = new Set<GatedCall>();

  /** Whether a call must wait. */
  get isFull(): boolean {
    return this.#unsentBytes >= unsentMaxBytes;
  }

  /** What is unsent has changed by so many bytes. */
  unsentChanged(bytes: number): void {
    this.#unsentBytes += bytes;
    if (bytes < 0) this.#admit();
    else this.#answerBytes = bytes;
  }

  /** Makes a call wait for its turn. */
  wait(call: GatedCall): void {
    this.#waiting.add(call);
  }

  /** Whether a call waits. */
  holds(call: GatedCall): boolean {
    return this.#waiting.has(call);
  }

  /** A call needs no turn any more. Answers whether it waited for one. */
  forget(call: GatedCall): boolean {
    return this.#waiting.delete(call);
  }

  #admit(): void {
    for (const call of this.#waiting) {
      if (!this.#mayAdmit()) return;
      this.#waiting.delete(call);
      this.#admitted++;
      void call.onTurn().then(this.#onLeft);
    }
  }

  /** Whether there is room for another answer besides those that are being made. */
  #mayAdmit(): boolean {
    if (this.#admitted === 0) return !this.isFull;
    const expectedBytes = this.#unsentBytes + this.#admitted * this.#answerBytes;
    return this.#admitted < admittedMax && expectedBytes < unsentMaxBytes;
  }

  readonly #onLeft = (): void => {
    this.#admitted--;
    this.#admit();
  };
}

/** The gates of a server's connections. */
export class ResponseGates {
  readonly #bySession = new WeakMap<object, ResponseGate>();

  /** The gate of the connection that a stream belongs to. */
  of({ session }: ServerHttp2Stream): ResponseGate {
    // A stream without a session is over already.
    if (session === undefined) return new ResponseGate();
    let gate = this.#bySession.get(session);
    if (gate === undefined) {
      gate = new ResponseGate();
      this.#bySession.set(session, gate);
    }
    return gate;
  }
}
