import { type Awaitable, bulkAnswerBytes } from "@everdict/store";
import { TimedSlice } from "./timed-slice.ts";

// So many are read in a few milliseconds, even at the log.
const keysAtOnce = 128;

/** Reads one value. */
export interface ValueReader {
  /** About how long the value is; 0 if there is none. */
  bytesOf(key: Uint8Array): number;
  get(key: Uint8Array): Awaitable<Uint8Array | undefined>;
}

/**
 * The values of the first of these keys, as many as `bulkAnswerBytes` hold, but of one at least. At once if they are all
 * in memory and few.
 */
export function readValues(
  keys: readonly Uint8Array[],
  reader: ValueReader,
): Awaitable<readonly (Uint8Array | undefined)[]> {
  const reading = new Reading(keys, reader);
  const waiting = reading.step();
  return waiting === undefined ? reading.values : reading.finish(waiting);
}

class Reading {
  readonly values: (Uint8Array | undefined)[] = [];
  readonly #keys: readonly Uint8Array[];
  readonly #reader: ValueReader;
  readonly #slice = new TimedSlice();
  #bytes = 0;

  constructor(keys: readonly Uint8Array[], reader: ValueReader) {
    this.#keys = keys;
    this.#reader = reader;
  }

  /** Reads until there is something to wait for, which it returns, or until all is done. */
  step(): Promise<void> | undefined {
    while (this.values.length < this.#keys.length) {
      const key = this.#keys[this.values.length]!;
      if (this.values.length > 0 && this.#bytes + this.#reader.bytesOf(key) > bulkAnswerBytes)
        return undefined;
      const value = this.#reader.get(key);
      if (value instanceof Promise) return value.then((read) => this.#add(read));
      this.#add(value);
      const mayPause = this.values.length % keysAtOnce === 0 && this.values.length < this.#keys.length;
      if (mayPause && this.#slice.isOver) return this.#slice.next();
    }
    return undefined;
  }

  async finish(waiting: Promise<void>): Promise<readonly (Uint8Array | undefined)[]> {
    for (let next: Promise<void> | undefined = waiting; next !== undefined; next = this.step()) await next;
    return this.values;
  }

  #add(value: Uint8Array | undefined): void {
    this.values.push(value);
    this.#bytes += value?.length ?? 0;
  }
}
