// Which keys begin alike, against the bytes that CPython writes: each key with a prefix is found, and no other is.
import fc from "fast-check";
import { expect, test } from "vitest";
import { toHex } from "../../testing/hex.ts";
import { buildKey, type KeySpec, keySpecs } from "../../testing/key-specs.ts";
import { findPython, fromBase64, PythonOracle } from "../../testing/python-oracle.ts";
import {
  decodeKey,
  encode,
  encodeKey,
  type KeyPrefix,
  keyPrefix,
  PyDate,
  SerializationError,
} from "../index.ts";

const seed = Number(process.env.EVERDICT_PICKLE_SEED ?? Date.now() % 2 ** 31);
const rounds = Number(process.env.EVERDICT_PICKLE_PREFIX_ROUNDS ?? 12);
const keysOfRound = 120;
const python = findPython();

const matches = ({ patterns }: KeyPrefix, key: Uint8Array): boolean =>
  patterns === undefined ||
  patterns.some((parts) =>
    parts.every(({ offset, bytes }) => bytes.every((byte, index) => key[offset + index] === byte)),
  );
const finds = (prefix: unknown, key: Uint8Array): boolean => {
  const found = keyPrefix(prefix);
  return matches(found, key) && found.has(decodeKey(key));
};

/** A description of what a key begins with: some characters, or some elements. */
const prefixOf = ([letter, content]: KeySpec, cut: number): KeySpec | undefined => {
  if (letter === "s") {
    const characters = [...(content as string)];
    return ["s", characters.slice(0, cut % (characters.length + 1)).join("")];
  }
  if (letter !== "t") return undefined;
  const items = content as readonly KeySpec[];
  return ["t", items.slice(0, cut % (items.length + 1))];
};

const sameElement = (left: KeySpec, right: KeySpec): boolean => {
  const written = (spec: KeySpec) => toHex(encodeKey([buildKey(spec)], { repeats: "copy" }));
  return written(left) === written(right);
};

function isPrefix([kind, content]: KeySpec, [letter, whole]: KeySpec): boolean {
  if (kind !== letter) return false;
  if (kind === "s") {
    const characters = [...(whole as string)];
    return [...(content as string)].every((character, at) => characters[at] === character);
  }
  const items = whole as readonly KeySpec[];
  const elements = content as readonly KeySpec[];
  return elements.every((element, at) => at < items.length && sameElement(element, items[at]!));
}

/** Keys that share more beginnings than random ones do. */
function relatedKeys(roundSeed: number): KeySpec[] {
  const keys = fc.sample(keySpecs, { numRuns: keysOfRound, seed: roundSeed });
  const longer = keys.flatMap((key, at): KeySpec[] => {
    const [letter, content] = key;
    const next = keys[(at * 7 + 3) % keys.length]!;
    if (letter === "t")
      return [
        ["t", [...(content as KeySpec[]), next]],
        ["t", [key, next]],
      ];
    if (letter === "s")
      return [
        ["s", `${content}${next[0] === "s" ? next[1] : "é"}`],
        ["t", [key, next]],
      ];
    return [["t", [key, key, next, next, key]]];
  });
  return [...keys, ...longer];
}

test.skipIf(python === undefined)(
  `every key of Python with a prefix is found, and no other (EVERDICT_PICKLE_SEED=${seed})`,
  { timeout: 600_000 },
  async () => {
    using oracle = new PythonOracle(python!);
    let related = 0;
    let falseMatches = 0;
    for (let round = 0; round < rounds; round++) {
      const keys = relatedKeys(seed + round);
      const repeats = round % 2 === 0 ? "reference" : "copy";
      const pickles = await oracle.ask<string[]>("key_pickles", { descriptions: keys, repeats });
      const written = pickles.map(fromBase64);
      const read = written.map((bytes) => decodeKey(bytes));
      for (let at = round; at < keys.length; at += 3) {
        const prefix = prefixOf(keys[at]!, at * 5 + round);
        if (prefix === undefined) continue;
        const found = keyPrefix(buildKey(prefix));
        expect(found.patterns?.length ?? 1).toBeLessThanOrEqual(16);
        for (const [index, key] of keys.entries()) {
          const isMatch = matches(found, written[index]!);
          const isFound = isMatch && found.has(read[index]);
          const isRelated = isPrefix(prefix, key);
          if (isFound !== isRelated)
            expect.fail(`${JSON.stringify(prefix)} of ${JSON.stringify(key)}: ${isFound}, not ${isRelated}`);
          if (isRelated) related++;
          else if (isMatch && found.patterns !== undefined) falseMatches++;
        }
      }
    }
    expect(related).toBeGreaterThan(rounds * keysOfRound);
    // Bytes alone tell nearly all: what is left are texts that begin a tuple, and the names of classes.
    expect(falseMatches).toBeLessThan(related * 2);
  },
);

test("a prefix of a text is its first characters, however long the text is written", () => {
  const long = "é".repeat(127);
  expect(finds("", encodeKey(""))).toBe(true);
  expect(finds("", encodeKey("x".repeat(70_000)))).toBe(true);
  expect(finds(long, encodeKey(long))).toBe(true);
  expect(finds(long, encodeKey(`${long}éé`))).toBe(true);
  expect(finds("y".repeat(300), encodeKey("y".repeat(299)))).toBe(false);
  expect(finds("z".repeat(66_000), encodeKey("z".repeat(66_001)))).toBe(true);
  expect(finds(`${"z".repeat(2_000)}a`, encodeKey(`${"z".repeat(2_000)}b`))).toBe(false);
  expect(finds("\ud83d", encodeKey("\ud83d!"))).toBe(true);
  // Of a character of two units no half is a character.
  expect(finds("\ud83d", encodeKey("😀"))).toBe(false);
  expect(finds("ab", encodeKey(["ab", 1]))).toBe(false);
  expect(finds("date", encodeKey(new PyDate(2024, 2, 29)))).toBe(false);
});

test("a prefix of a tuple is its first elements, each as a whole", () => {
  expect(finds(["user"], encodeKey(["user", 42]))).toBe(true);
  expect(finds(["user", 42], encodeKey(["user", 42]))).toBe(true);
  expect(finds(["user", 42], encodeKey(["user", 42, "name", "first", "old"]))).toBe(true);
  expect(finds(["user", 4], encodeKey(["user", 42]))).toBe(false);
  expect(finds(["user", 1], encodeKey(["user", true]))).toBe(false);
  expect(finds([], encodeKey(["user"]))).toBe(true);
  expect(finds([], encodeKey([]))).toBe(true);
  expect(finds([], encodeKey("user"))).toBe(false);
  expect(finds(["a"], encodeKey("a"))).toBe(false);
  expect(finds(["a"], encodeKey([["a", 1], 2]))).toBe(false);
  expect(finds([1], encodeKey([1, "x".repeat(70_000)]))).toBe(true);
  expect(finds([1, 2, 3, "x".repeat(70_000)], encodeKey([1, 2, 3, "x".repeat(70_000), 5]))).toBe(true);
});

test("repeats in a prefix are found as one object and as several", () => {
  for (const repeats of ["reference", "copy"] as const) {
    expect(finds(["ab", "ab"], encodeKey(["ab", "ab", "cd"], { repeats }))).toBe(true);
    const many = Array.from({ length: 9 }, () => "ab");
    expect(finds(many, encodeKey([...many, 1], { repeats }))).toBe(true);
    expect(finds(many, encodeKey(many.slice(1), { repeats }))).toBe(false);
  }
});

test("a tuple that was read is a prefix by its elements, not by its bytes", () => {
  const listed = decodeKey(encodeKey(["ab", "ab"], { repeats: "copy" }));
  expect(finds(listed, encodeKey(["ab", "ab", 3]))).toBe(true);
});

test("anything else is refused", () => {
  for (const prefix of [1, null, undefined, new Uint8Array(1), { a: 1 }])
    expect(() => keyPrefix(prefix)).toThrow(SerializationError);
  expect(() => keyPrefix([{ a: 1 }])).toThrow(/key\[0\]/);
  expect(decodeKey(encode("a"))).toBe("a");
});
