import { describe, expect, test } from "vitest";
import { environmentIdFor, isDictId, newDictId, newEnvironmentId, systemRandomBytes } from "./ids.ts";

/** Hands out the given bytes over and over. */
function cycle(bytes: readonly number[]): (length: number) => Uint8Array {
  let next = 0;
  return (length) => Uint8Array.from({ length }, () => bytes[next++ % bytes.length]!);
}

describe("ids", () => {
  test("have a prefix, one dash and 22 base-62 characters", () => {
    expect(newDictId(systemRandomBytes)).toMatch(/^di-[0-9A-Za-z]{22}$/);
    expect(newEnvironmentId(systemRandomBytes)).toMatch(/^en-[0-9A-Za-z]{22}$/);
  });

  test("use the whole alphabet evenly: each character comes from exactly four byte values", () => {
    const counts = new Map<string, number>();
    for (let byte = 0; byte < 248; byte++) {
      const character = newDictId(cycle([byte])).slice(-1);
      counts.set(character, (counts.get(character) ?? 0) + 1);
    }
    expect(counts.size).toBe(62);
    expect(new Set(counts.values())).toEqual(new Set([4]));
  });

  test("skip the bytes that would favour the first characters", () => {
    expect(newDictId(cycle([255, 0, 248, 1]))).toBe(`di-${"01".repeat(11)}`);
  });

  test("draw again when a draw has too few usable bytes", () => {
    const mostlyUseless = [...Array(31).fill(250), 7];
    expect(newDictId(cycle(mostlyUseless))).toBe(`di-${"7".repeat(22)}`);
  });

  test("a broken random source is reported instead of waited for", () => {
    expect(() => newDictId(cycle([255]))).toThrow(expect.objectContaining({ code: "internal" }));
  });

  test("only the exact form passes for a dictionary id", () => {
    expect(isDictId(`di-${"aZ9".repeat(7)}x`)).toBe(true);
    const malformed = [
      "",
      "di-",
      "di-x",
      `en-${"x".repeat(22)}`,
      `di-${"x".repeat(21)}`,
      `di-${"x".repeat(23)}`,
    ];
    malformed.push(
      `di-${"x".repeat(21)}-`,
      `di-${"x".repeat(22)}\n`,
      ` di-${"x".repeat(22)}`,
      `DI-${"x".repeat(22)}`,
    );
    for (const id of malformed) expect(isDictId(id), JSON.stringify(id)).toBe(false);
  });
});

describe("environmentIdFor()", () => {
  test("is an id that is the same for the same key and name, and another for any other", () => {
    const idempotencyKeys = Array.from(
      { length: 2_000 },
      (_, index) => `createEnvironment 36 ${index} ak-one`,
    );
    idempotencyKeys.push("", "a", "aa", "\u{1f511}", "x".repeat(300));
    const idsFor = (name: string) =>
      idempotencyKeys.map((idempotencyKey) => environmentIdFor(idempotencyKey, name));
    const ids = [...idsFor("dev"), ...idsFor("prod")];
    expect(new Set(ids).size).toBe(2 * idempotencyKeys.length);
    for (const id of ids) expect(id).toMatch(/^en-[0-9A-Za-z]{22}$/);
    expect([...idsFor("dev"), ...idsFor("prod")]).toEqual(ids);
  });
});
