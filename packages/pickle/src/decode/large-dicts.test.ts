// Dicts of so many keys that the decoder makes them in another way: they must be like any other.
import { expect, test } from "vitest";
import { decode, encode, PyFloat } from "../index.ts";

function entries(count: number, prefix = "key"): [string, number][] {
  return Array.from({ length: count }, (_, index) => [`${prefix}${index}`, index % 256]);
}

/** A pickle of opcodes and, in place of a list of entries, the opcodes of its keys and values. */
function pickle(...parts: (number | [string, number][])[]): Uint8Array {
  const bytes = parts.map((part) =>
    typeof part === "number"
      ? Buffer.of(part)
      : Buffer.concat(
          part.map(([name, value]) =>
            Buffer.concat([Buffer.of(0x8c, name.length), Buffer.from(name), Buffer.of(0x4b, value)]),
          ),
        ),
  );
  return Buffer.concat([Buffer.of(0x80, 4), ...bytes, Buffer.of(0x2e)]);
}

const [dict, mark, setItems, setItem, memoize, get, list, appends, pop] = [
  0x7d, 0x28, 0x75, 0x73, 0x94, 0x68, 0x5d, 0x65, 0x30,
] as const;

test.each([127, 128, 129, 1_000, 1_001, 2_500])("%i keys are a plain object in their order", (count) => {
  const value = Object.fromEntries([...entries(count), ["10", 1], ["9", 2]]);
  const read = decode(encode(value)) as object;
  expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
  expect(Object.entries(read)).toEqual(Object.entries(value));
  expect(read).toHaveProperty("toString");
  expect(encode(read)).toEqual(encode(value));
});

test("a dangerous name is a property", () => {
  const value = JSON.parse(
    `{"__proto__": {"x": 1}, ${JSON.stringify(Object.fromEntries(entries(200))).slice(1)}`,
  );
  const read = decode(encode(value)) as Record<string, unknown>;
  expect(Object.hasOwn(read, "__proto__")).toBe(true);
  expect(read.x).toBeUndefined();
  expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
});

test("one that is shared stays one, and circles stay circles", () => {
  const large: Record<string, unknown> = Object.fromEntries(entries(300));
  const [first, second] = decode(encode([large, large])) as [object, object];
  expect(second).toBe(first);
  large.self = large;
  const read = decode(encode(large)) as Record<string, unknown>;
  expect(read.self).toBe(read);
  expect(Object.keys(read)).toHaveLength(301);
});

test("what is in it already stays", () => {
  const small = decode(pickle(dict, mark, [["a", 1]], setItems, mark, entries(200), setItems));
  expect(small).toEqual({ a: 1, ...Object.fromEntries(entries(200)) });
  const single = decode(pickle(dict, memoize, [["a", 1]], setItem, memoize, mark, entries(200), setItems));
  expect(single).toEqual({ a: 1, ...Object.fromEntries(entries(200)) });
  const twice = decode(
    pickle(dict, mark, entries(200), setItems, memoize, mark, entries(200, "other"), setItems),
  );
  expect(Object.keys(twice as object)).toHaveLength(400);
});

test("one that was taken out of the memo before it is filled is the same everywhere", () => {
  const inList = pickle(list, mark, dict, memoize, get, 0, mark, entries(200), setItems, get, 0, appends);
  const [first, second, third] = decode(inList) as [object, object, object];
  expect(Object.keys(first)).toHaveLength(200);
  expect(second).toBe(first);
  expect(third).toBe(first);
});

test("one whose other keys come late is a Map, also by way of the memo", () => {
  const late = pickle(
    dict,
    memoize,
    mark,
    entries(200),
    setItems,
    pop,
    get,
    0,
    mark,
    0x4b,
    5,
    0x4b,
    6,
    setItems,
  );
  const map = decode(late) as Map<unknown, unknown>;
  expect(map.size).toBe(201);
  expect(map.get(5)).toBe(6);
  const mixed = new Map<unknown, unknown>([...entries(1_500), [1, 2]]);
  expect(decode(encode(mixed))).toEqual(mixed);
});

test("what the program gave for a persistent id is filled, not replaced", () => {
  const given: Record<string, unknown> = { mine: true };
  // An empty dict before it leaves its marks on the slot.
  const bytes = pickle(
    dict,
    mark,
    [["a", 1]],
    setItems,
    pop,
    0x4b,
    1,
    0x51,
    memoize,
    mark,
    entries(200),
    setItems,
  );
  expect(decode(bytes, { persistentLoad: () => given })).toBe(given);
  expect(Object.keys(given)).toHaveLength(201);
});

test("integral floats stay floats", () => {
  const value = Object.fromEntries(entries(300).map(([name, number]) => [name, new PyFloat(number)]));
  const bytes = encode(value);
  expect(encode(decode(bytes))).toEqual(bytes);
});
