import { inLaterTurn } from "../in-later-turn.ts";
import type { ValueRoom } from "../service.ts";
import type { MemoryKind, ReadKind } from "./memory-kinds.ts";
import type { TokenMemory } from "./token-memory.ts";

/** A call that may have to wait for its turn. */
export interface WaitingCall {
  /** It is its turn. Resolves, never rejects, when it has its answer or must wait again. */
  onTurn(): Promise<void>;
}

/** How many of those that had to wait may run at the same time. */
const admittedMax = 16;

/**
 * The memory that is held for one connection of a token, and the calls that wait because of it.
 *
 * A client that does not take its answers leaves them in our memory. So while much is untaken on its connection,
 * further calls wait for their turn, and large values wait before they are read. A client that takes answers at any
 * pace is not refused. If a client takes none, the clock of its transport ends it; `takenBytes` shows whether it took
 * anything.
 */
export class ConnectionMemory implements ValueRoom {
  readonly token: TokenMemory;
  #outgoingBytes = 0;
  #takenBytes = 0;
  #admitted = 0;
  /** What an answer takes, going by the last. */
  #answerBytes = 0;
  readonly #waiting = new Set<WaitingCall>();

  constructor(token: TokenMemory) {
    this.token = token;
  }

  /** What it has not taken of answers, those of streams not counted. */
  get outgoingBytes(): number {
    return this.#outgoingBytes;
  }

  /** Only grows: how much of answers it took or gave up so far. */
  get takenBytes(): number {
    return this.#takenBytes;
  }

  /** Whether its token has used up its share, with its help: then nothing new should be begun for it. */
  get mustWait(): boolean {
    return this.#outgoingBytes > 0 && this.token.isFull;
  }

  /** Whether so much is untaken that nothing new should be begun for it. */
  get isFull(): boolean {
    return this.#outgoingBytes >= this.#maxBytes || this.mustWait;
  }

  /**
   * Whether a value of that size may be read for it. What streams hold says nothing: a consumer may read one value of
   * a stream and then, before the next, ask for others.
   */
  fitsRead(kind: ReadKind, bytes: number): boolean {
    if (kind === "streams") return true;
    return this.#outgoingBytes === 0 || this.#outgoingBytes + bytes <= this.#maxBytes;
  }

  /** Takes room for a part of a request that arrived; false, and nothing taken, if there is none. */
  take(kind: "requests" | "smallRequests", bytes: number): boolean {
    return this.token.take(kind, bytes);
  }

  /** Memory that is held in any case has grown by this many bytes, or shrunk. */
  change(kind: MemoryKind, bytes: number): void {
    if (bytes === 0) return;
    this.token.change(kind, bytes);
    if (kind !== "reads" && kind !== "answers") return;
    this.#outgoingBytes += bytes;
    if (bytes > 0) {
      if (kind === "answers") this.#answerBytes = bytes;
      return;
    }
    if (kind === "answers") this.#takenBytes -= bytes;
    if (this.#waiting.size === 0) return;
    // What was read is an answer in a moment.
    if (kind === "reads") inLaterTurn(this.#admit);
    else this.#admit();
  }

  // ---- Large values ----

  reserve(bytes: number): Promise<void> | undefined {
    return this.reserveFor("reads", bytes, this);
  }

  release(bytes: number): void {
    this.change("reads", -bytes);
  }

  /** As `reserve`, for somebody whose `forgetReads` ends the wait. To be given back by `change` of that kind. */
  reserveFor(kind: ReadKind, bytes: number, owner: object): Promise<void> | undefined {
    return this.token.reads.reserve(this, kind, bytes, owner);
  }

  /** For what streams read. */
  readonly streamRoom: ValueRoom = {
    reserve: (bytes) => this.reserveFor("streams", bytes, this),
    release: (bytes) => this.change("streams", -bytes),
  };

  /** Values that wait for that owner, or for the whole connection, are not wanted any more. */
  forgetReads(owner: object, error: unknown): void {
    this.token.reads.forget(this.token, owner, error);
  }

  // ---- Calls ----

  /** Makes a call wait for its turn. */
  wait(call: WaitingCall): void {
    this.#waiting.add(call);
  }

  /** A call needs no turn any more. */
  forget(call: WaitingCall): void {
    this.#waiting.delete(call);
  }

  get #maxBytes(): number {
    return this.token.account.limits.connectionAnswersMaxBytes;
  }

  readonly #admit = (): void => {
    for (const call of this.#waiting) {
      if (!this.#mayAdmit()) return;
      this.#waiting.delete(call);
      this.#admitted++;
      void call.onTurn().then(this.#onLeft);
    }
  };

  /** Whether there is room for another answer besides those that are being made. */
  #mayAdmit(): boolean {
    if (this.#admitted === 0) return !this.isFull;
    const expectedBytes = this.#outgoingBytes + this.#admitted * this.#answerBytes;
    return this.#admitted < admittedMax && expectedBytes < this.#maxBytes;
  }

  readonly #onLeft = (): void => {
    this.#admitted--;
    this.#admit();
  };
}
