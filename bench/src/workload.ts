/**
 * The keys and values of every section, the same for every candidate. Values are objects; each client encodes
 * and decodes them as its users would (pickle, or JSON). They vary from put to put, since constant values flatter
 * engines that skip equal writes, and are made beforehand, so that making them is not part of the load.
 */

/** An object of about the named size as JSON. */
export type Value = Readonly<Record<string, unknown>>;

/** The sizes that are measured, in bytes of JSON. */
export const valueSizes = { "100 B": 100, "10 KiB": 10_240 } as const;

/** One of the sizes. */
export type ValueSize = keyof typeof valueSizes;

/** How many values there are of each size: prime, so that a key is not given the same value again and again. */
const poolSizes: Record<ValueSize, number> = { "100 B": 1009, "10 KiB": 61 };

/** What runs read and write. */
export interface Workload {
  /** A key that {@link Workload.fill} wrote; consecutive sequence numbers give scattered keys. */
  key(sequence: number): string;
  /** A key of its own for each number, never one of `key`. */
  freshKey(number: number): string;
  value(sequence: number): Value;
  /** Every key once, with a value, in lists of up to `batchSize`. */
  fill(batchSize: number): Iterable<[string, Value][]>;
}

/** With more keys than this they are made when they are needed: the client is not to be measured with a full heap. */
const keptKeysMax = 8192;

/** A workload of so many keys of 20 characters. */
export function workload(keyCount: number, size: ValueSize): Workload {
  const mark = size === "100 B" ? "s" : "l";
  const kept =
    keyCount > keptKeysMax ? undefined : Array.from({ length: keyCount }, (_, index) => keyText(mark, index));
  const keyAt = (index: number): string => (kept === undefined ? keyText(mark, index) : kept[index]!);
  const values = Array.from({ length: poolSizes[size] }, (_, index) => makeValue(size, index));
  const value = (sequence: number): Value => values[sequence % values.length]!;
  return {
    key: (sequence) => keyAt((sequence * 7919) % keyCount),
    freshKey: (number) => keyText("f", number),
    value,
    *fill(batchSize) {
      for (let start = 0; start < keyCount; start += batchSize) {
        const length = Math.min(batchSize, keyCount - start);
        yield Array.from({ length }, (_, index) => [keyAt(start + index), value(start + index)]);
      }
    },
  };
}

/** So many entries in batches, made as they are taken. */
export function* entries(size: ValueSize, count: number, batchSize: number): Iterable<[string, Value][]> {
  const values = Array.from({ length: poolSizes[size] }, (_, index) => makeValue(size, index));
  for (let start = 0; start < count; start += batchSize) {
    const length = Math.min(batchSize, count - start);
    yield Array.from({ length }, (_, index) => [
      keyText("e", start + index),
      values[(start + index) % values.length]!,
    ]);
  }
}

function keyText(mark: string, number: number): string {
  return `${mark}-${String(number).padStart(18, "0")}`;
}

function makeValue(size: ValueSize, index: number): Value {
  const number = 100_000 + index;
  return size === "100 B" ? makeSmall(number) : makeLarge(number);
}

function makeSmall(number: number): Value {
  return {
    id: number,
    name: `value ${number} with some text`,
    tags: ["red", "green"],
    score: number + 0.5,
    ok: true,
  };
}

/** Half of it one text, half of it fifty small objects. */
function makeLarge(number: number): Value {
  const text = `This is text ${number}, as documents have it. `;
  return {
    id: number,
    title: `Document ${number}`,
    text: text.repeat(Math.ceil(5000 / text.length)).slice(0, 5000),
    records: Array.from({ length: 51 }, (_, index) => makeSmall(number + index)),
  };
}
