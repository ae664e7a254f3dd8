import type { Entry, EverdictError } from "@everdict/protocol";
import { streamWindowBytes } from "../frames/wire.ts";

/** Where a stream comes from. */
interface StreamSource {
  /** The consumer took this many bytes. */
  grant(bytes: number): void;
}

interface Batch {
  readonly entries: readonly Entry[];
  readonly bytes: number;
}

/**
 * The consumer's end of a stream of entries. The server sends no more than it has credit for. The consumer gives credit
 * back as it takes batches. So a consumer that stops taking stops only its own sender.
 */
export class IncomingStream {
  readonly #source: StreamSource;
  #batches: Batch[] = [];
  #takenBytes = 0;
  #isOver = false;
  #error: EverdictError | undefined;
  #waiter:
    | { resolve: (batch: readonly Entry[] | undefined) => void; reject: (error: unknown) => void }
    | undefined;
  #hasDelivered = false;

  constructor(source: StreamSource) {
    this.#source = source;
  }

  /** Whether the consumer waits for more. */
  get isWaiting(): boolean {
    return this.#waiter !== undefined;
  }

  /** Whether nothing has arrived yet, so that the stream can begin again without anybody noticing. */
  get isUntouched(): boolean {
    return !this.#hasDelivered;
  }

  /** The next batch, or undefined at the end. One at a time. */
  next(): Promise<readonly Entry[] | undefined> {
    const batch = this.#batches.shift();
    if (batch !== undefined) {
      this.#take(batch.bytes);
      return Promise.resolve(batch.entries);
    }
    if (this.#error !== undefined) return Promise.reject(this.#error);
    if (this.#isOver) return Promise.resolve(undefined);
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject };
    });
  }

  /** A batch arrived that took this many bytes. */
  push(entries: readonly Entry[], bytes: number): void {
    this.#hasDelivered = true;
    const waiter = this.#waiter;
    if (waiter === undefined) {
      this.#batches.push({ entries, bytes });
      return;
    }
    this.#waiter = undefined;
    this.#take(bytes);
    waiter.resolve(entries);
  }

  /** There will be no more. */
  end(): void {
    this.#isOver = true;
    this.#waiter?.resolve(undefined);
    this.#waiter = undefined;
  }

  /** It failed. What had arrived but was not taken is dropped, so that a caller who gave up is told at once. */
  fail(error: EverdictError): void {
    this.#isOver = true;
    this.#batches = [];
    this.#error = error;
    this.#waiter?.reject(error);
    this.#waiter = undefined;
  }

  #take(bytes: number): void {
    this.#takenBytes += bytes;
    if (this.#takenBytes < streamWindowBytes / 2 || this.#isOver) return;
    this.#source.grant(this.#takenBytes);
    this.#takenBytes = 0;
  }
}
