import type { WriteAnswer } from "./answer-writers.ts";
import type { Answers } from "./answers.ts";

/**
 * Answers that come later.
 *
 * Waiting for a promise takes two functions. They belong to a record, and all sessions of the process reuse records. So
 * a later answer costs no closure of its own, and an immediate one costs nothing.
 */

/** Where the answer goes. */
export interface PendingOwner {
  readonly answers: Answers;
  /** Whether answers can still be sent. */
  readonly isOpen: boolean;
  /** An answer came. The request took this many bytes in frames, and this many in parts. */
  onAnswered(requestBytes: number, partsBytes: number): void;
}

const keptMax = 8192;
const free: PendingAnswer[] = [];

class PendingAnswer {
  #owner: PendingOwner | undefined;
  #id = 0;
  #write: WriteAnswer<never> | undefined;
  #requestBytes = 0;
  #partsBytes = 0;

  wait<T>(
    owner: PendingOwner,
    id: number,
    answer: Promise<T>,
    write: WriteAnswer<T>,
    requestBytes: number,
    partsBytes: number,
  ): void {
    this.#owner = owner;
    this.#id = id;
    this.#write = write as WriteAnswer<never>;
    this.#requestBytes = requestBytes;
    this.#partsBytes = partsBytes;
    answer.then(this.#onAnswer as (answer: T) => void, this.#onError);
  }

  readonly #onAnswer = (answer: unknown): void => {
    const owner = this.#owner!;
    if (owner.isOpen) this.#write!(owner.answers, this.#id, answer as never);
    this.#end(owner);
  };

  readonly #onError = (caught: unknown): void => {
    const owner = this.#owner!;
    if (owner.isOpen) owner.answers.error(this.#id, caught);
    this.#end(owner);
  };

  #end(owner: PendingOwner): void {
    const requestBytes = this.#requestBytes;
    const partsBytes = this.#partsBytes;
    this.#owner = undefined;
    this.#write = undefined;
    if (free.length < keptMax) free.push(this);
    owner.onAnswered(requestBytes, partsBytes);
  }
}

/** Writes an answer when it comes, and then tells the owner. */
export function answerLater<T>(
  owner: PendingOwner,
  id: number,
  answer: Promise<T>,
  write: WriteAnswer<T>,
  requestBytes: number,
  partsBytes: number,
): void {
  (free.pop() ?? new PendingAnswer()).wait(owner, id, answer, write, requestBytes, partsBytes);
}
