import {
  defaultLimits,
  type Entry,
  EverdictError,
  type Limits,
  requestKeysMaxBytes,
} from "@everdict/protocol";
import { describe, expect, test } from "vitest";
import { checkEntries, checkKey, resolveLimits } from "./limits-check.ts";

const limits: Limits = { keyMaxBytes: 10, valueMaxBytes: 100, requestMaxEntries: 3, requestMaxBytes: 200 };

function entry(keyBytes: number, valueBytes: number): Entry {
  return { key: new Uint8Array(keyBytes), value: new Uint8Array(valueBytes) };
}

function refusal(check: () => void): string {
  try {
    check();
  } catch (caught) {
    if (caught instanceof EverdictError) return `${caught.code}: ${caught.message}`;
    throw caught;
  }
  return "accepted";
}

describe("limits", () => {
  test.each([
    ["key", [entry(10, 1)], "accepted"],
    ["key", [entry(11, 1)], "key_too_large: key is 11 bytes, limit is 10 bytes"],
    ["value", [entry(1, 100)], "accepted"],
    ["value", [entry(1, 101)], "value_too_large: value is 101 bytes, limit is 100 bytes"],
    ["entries", [entry(1, 1), entry(1, 1), entry(1, 1)], "accepted"],
    ["entries", Array(4).fill(entry(1, 1)), "too_many_entries: request holds 4 entries or more, limit is 3"],
    ["request", [entry(10, 90), entry(10, 90)], "accepted"],
    [
      "request",
      [entry(10, 90), entry(10, 91)],
      "request_too_large: request is 201 bytes, limit is 200 bytes",
    ],
    ["nothing", [], "accepted"],
  ])("both sides of the limit: %s", (_, entries: Entry[], outcome) => {
    expect(refusal(() => checkEntries(limits, entries))).toBe(outcome);
  });

  test("the keys of a request together are bounded, by one key at least", () => {
    const keys = (count: number, bytes: number) => Array.from({ length: count }, () => entry(bytes, 0));
    const large = resolveLimits({ keyMaxBytes: requestKeysMaxBytes, requestMaxEntries: 100 });
    expect(refusal(() => checkEntries(large, keys(32, requestKeysMaxBytes / 32)))).toBe("accepted");
    expect(refusal(() => checkEntries(large, keys(33, requestKeysMaxBytes / 32)))).toBe(
      "request_too_large: the keys of the request are 34603008 bytes, limit is 33554432 bytes",
    );
    expect(refusal(() => checkEntries(large, keys(1, requestKeysMaxBytes)))).toBe("accepted");
  });

  test("a key alone is held to the same limit", () => {
    expect(refusal(() => checkKey(limits, new Uint8Array(10)))).toBe("accepted");
    expect(refusal(() => checkKey(limits, new Uint8Array(11)))).toMatch(/^key_too_large/);
  });
});

describe("configured limits", () => {
  test("nothing configured gives the defaults", () => {
    expect(resolveLimits()).toEqual(defaultLimits);
    const explicitlyAbsent = { valueMaxBytes: undefined } as unknown as Partial<Limits>;
    expect(resolveLimits(explicitlyAbsent)).toEqual(defaultLimits);
  });

  test("a request always has room for one entry of the largest size", () => {
    const valueMaxBytes = 500 * 1024 * 1024;
    expect(resolveLimits({ valueMaxBytes }).requestMaxBytes).toBeGreaterThan(
      valueMaxBytes + defaultLimits.keyMaxBytes,
    );
    expect(resolveLimits({ valueMaxBytes: 5 }).requestMaxBytes).toBe(defaultLimits.requestMaxBytes);
    expect(resolveLimits({ requestMaxBytes: 7 }).requestMaxBytes).toBe(7);
  });

  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])("%s is no limit", (limit) => {
    expect(refusal(() => resolveLimits({ keyMaxBytes: limit }))).toMatch(/^invalid_argument: keyMaxBytes is/);
  });
});
