import { bulkAnswerBytes } from "../bulk.ts";
import type { ValueRoom } from "../service.ts";

/**
 * Room for an answer of many values, which nobody knows the size of before it is read: as much as such an answer may
 * have. A single value that is larger takes room of its own instead, or it would wait for what it holds itself.
 */
export class BulkRoom implements ValueRoom {
  readonly #room: ValueRoom;
  #heldBytes = 0;

  constructor(room: ValueRoom) {
    this.#room = room;
  }

  /** Takes the room: undefined if it is there at once, else later. Rejects if it is not wanted any more. */
  begin(): Promise<void> | undefined {
    const waiting = this.#room.reserve(bulkAnswerBytes);
    if (waiting === undefined) {
      this.#heldBytes = bulkAnswerBytes;
      return undefined;
    }
    return waiting.then(() => {
      this.#heldBytes = bulkAnswerBytes;
    });
  }

  /** The answer is there, or there will be none. Safe to repeat. */
  end(): void {
    const bytes = this.#heldBytes;
    this.#heldBytes = 0;
    if (bytes > 0) this.#room.release(bytes);
  }

  reserve(bytes: number): Promise<void> | undefined {
    this.end();
    return this.#room.reserve(bytes);
  }

  release(bytes: number): void {
    this.#room.release(bytes);
  }
}
