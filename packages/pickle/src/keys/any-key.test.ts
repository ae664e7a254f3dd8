// Whatever bytes are read as a key, what comes of them is written in the same bytes: as a change of single bytes of keys
// shows, most of which nobody would write.
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromHex, toHex } from "../../testing/hex.ts";
import { buildKey, keySpecs } from "../../testing/key-specs.ts";
import { DeserializationError, decodeKey, encode, encodeKey, PyKey, PyObject } from "../index.ts";

const seed = Number(process.env.EVERDICT_PICKLE_SEED ?? Date.now() % 2 ** 31);
const vectors = JSON.parse(
  readFileSync(new URL("../../testing/class-keys.json", import.meta.url), "utf8"),
) as {
  keys: Record<string, Record<string, string[]>>;
};
const keys = [
  ...Object.values(vectors.keys).flatMap((written) => Object.keys(written).map(fromHex)),
  ...fc.sample(keySpecs, { seed, numRuns: 200 }).map((spec) => encodeKey(buildKey(spec))),
  ...[{ a: 1 }, [1, 2], new Map([[1, 2]]), new Set(["a", 1n])].map((value) => encode(value)),
  encode(new PyObject({ module: "m", name: "C", construction: "new", state: { x: [1, "ab", "ab"] } })),
].filter((bytes) => bytes.length < 1_000);

interface Change {
  readonly key: Uint8Array;
  readonly at: number;
  readonly byte: number;
  readonly kind: "set" | "insert" | "remove" | "cut";
}

function changed({ key, at, byte, kind }: Change): Uint8Array {
  const place = at % key.length;
  if (kind === "cut") return key.slice(0, place);
  const after = key.subarray(kind === "insert" ? place : place + 1);
  return Uint8Array.from([...key.subarray(0, place), ...(kind === "remove" ? [] : [byte]), ...after]);
}

const changes: fc.Arbitrary<Change> = fc.record({
  key: fc.constantFrom(...keys),
  at: fc.nat(1_000),
  byte: fc.oneof(fc.nat(255), fc.constantFrom(0x68, 0x94, 0x4b, 0x4d, 0x8c, 0x85, 0x86, 0x2e, 0x30, 0x32)),
  kind: fc.constantFrom("set", "set", "insert", "remove", "cut"),
});

describe(`bytes that are read as a key (EVERDICT_PICKLE_SEED=${seed})`, () => {
  test.each(["reference", "copy"] as const)("are written again, with repeats: %s", (repeats) => {
    let read = 0;
    for (const change of fc.sample(changes, { seed, numRuns: 30_000 })) {
      const bytes = changed(change);
      let key: unknown;
      try {
        key = decodeKey(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(DeserializationError);
        continue;
      }
      read++;
      expect(toHex(encodeKey(key, { repeats })), toHex(bytes)).toBe(toHex(bytes));
      expect(typeof String(key instanceof PyKey ? key : "")).toBe("string");
    }
    expect(read).toBeGreaterThan(1_000);
  });
});
