import { type Awaitable, bulkAnswerBytes } from "@everdict/store";
import { TimedSlice } from "./timed-slice.ts";

// Looking for keys of so many bytes, or for so many keys, takes a fraction of a millisecond, if no value is read at the log.
const keyBytesAtOnce = 64 * 1024;
const keysAtOnce = 128;

/** Reads one value. */
export interface ValueReader {
  /** About how long the value is, 0 if there is none; and whether it is at the log only. */
  look(key: Uint8Array): { readonly bytes: number; readonly isAtLog: boolean };
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
  if (waiting === undefined) return reading.values;
  reading.keepKeys();
  return reading.finish(waiting);
}

class Reading {
  readonly values: (Uint8Array | undefined)[] = [];
  #keys: readonly Uint8Array[];
  readonly #reader: ValueReader;
  readonly #slice = new TimedSlice();
  #bytes = 0;

  constructor(keys: readonly Uint8Array[], reader: ValueReader) {
    this.#keys = keys;
    this.#reader = reader;
  }

  /** Reads until there is something to wait for, which it returns, or until all is done. */
  step(): Promise<void> | undefined {
    let untilLook = keyBytesAtOnce;
    while (this.values.length < this.#keys.length) {
      const key = this.#keys[this.values.length]!;
      const { bytes, isAtLog } = this.#reader.look(key);
      if (this.values.length > 0 && this.#bytes + bytes > bulkAnswerBytes) return undefined;
      const value = this.#reader.get(key);
      if (value instanceof Promise) return value.then((read) => this.#add(read));
      this.#add(value);
      untilLook -= isAtLog ? keyBytesAtOnce : Math.max(key.length, keyBytesAtOnce / keysAtOnce);
      if (untilLook > 0 || this.values.length === this.#keys.length) continue;
      if (this.#slice.isOver) return this.#slice.next();
      untilLook = keyBytesAtOnce;
    }
    return undefined;
  }

  /** Copies the keys that are left: the caller may use their bytes again once the call has returned. */
  keepKeys(): void {
    this.#keys = this.#keys.map((key, index) => (index < this.values.length ? key : Buffer.from(key)));
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
