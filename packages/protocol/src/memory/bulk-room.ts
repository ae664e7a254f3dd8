import { bulkAnswerBytes } from "../bulk.ts";
import type { ValueRoom } from "../service.ts";

/**
 * Room for an answer of many values, which nobody knows the size of before it is read: as much as such an answer may
 * have. It covers every value that fits in it. Such an answer has at most one that is larger, whose room is taken instead.
 */
export class BulkRoom implements ValueRoom {
  readonly #room: ValueRoom;
  #heldBytes = 0;
  #isOver = false;

  constructor(room: ValueRoom) {
    this.#room = room;
  }

  /** Takes the room: undefined if it is there at once, else later. Rejects if it is not wanted any more. */
  begin(): Promise<void> | undefined {
    return this.reserve(bulkAnswerBytes);
  }

  /** The answer is there, or there will be none. Safe to repeat. */
  end(): void {
    this.#isOver = true;
    this.#giveBack();
  }

  reserve(bytes: number): Promise<void> | undefined {
    if (bytes <= this.#heldBytes) return undefined;
    // First, or a large value would wait for what it holds itself.
    this.#giveBack();
    const waiting = this.#room.reserve(bytes);
    if (waiting !== undefined) return waiting.then(() => this.#hold(bytes));
    this.#hold(bytes);
    return undefined;
  }

  /** A value is held with all others of the answer, until the end. */
  release(_bytes: number): void {}

  #hold(bytes: number): void {
    this.#heldBytes += bytes;
    if (this.#isOver) this.#giveBack();
  }

  #giveBack(): void {
    const bytes = this.#heldBytes;
    this.#heldBytes = 0;
    if (bytes > 0) this.#room.release(bytes);
  }
}
