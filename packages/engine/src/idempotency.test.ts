import type { IdempotentMethod } from "@everdict/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CallerKeys, idempotencyKeyMaxLength } from "./idempotency.ts";

const scoped = (callerId: string, method: IdempotentMethod, idempotencyKey: string) =>
  new CallerKeys(callerId).option(method, { idempotencyKey }).idempotencyKey;

describe("the idempotency keys of a store", () => {
  test("a call without a key has none", () => {
    const keys = new CallerKeys("one");
    for (const options of [undefined, {}, { idempotencyKey: "" }]) {
      expect(keys.option("pop", options).idempotencyKey).toBeUndefined();
    }
  });

  test("are equal for the same caller, method and key only, whatever characters these hold", () => {
    const part = fc.string({
      unit: fc.constantFrom("a", " ", "1", "2", "pop", "put"),
      minLength: 1,
      maxLength: 6,
    });
    const method = fc.constantFrom<IdempotentMethod>(
      "pop",
      "putIfAbsent",
      "getOrCreateDict",
      "getOrCreateEnvironment",
    );
    fc.assert(
      fc.property(
        part,
        method,
        part,
        part,
        method,
        part,
        (callerA, methodA, keyA, callerB, methodB, keyB) => {
          const same = callerA === callerB && methodA === methodB && keyA === keyB;
          expect(scoped(callerA, methodA, keyA) === scoped(callerB, methodB, keyB)).toBe(same);
          expect(scoped(callerA, methodA, keyA)).toBe(scoped(callerA, methodA, keyA));
        },
      ),
    );
  });

  test("a key of 256 characters is taken, one of 257 is refused without repeating it", () => {
    expect(idempotencyKeyMaxLength).toBe(256);
    expect(scoped("one", "pop", "k".repeat(256))).toContain("k".repeat(256));
    expect(() => scoped("one", "pop", "k".repeat(257))).toThrowError(
      "idempotency key is 257 characters, limit is 256",
    );
  });
});
