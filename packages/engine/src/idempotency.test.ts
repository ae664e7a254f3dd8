import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { IdempotencyTokens, type IdempotentMethod, idempotencyKeyMaxLength } from "./idempotency.ts";

const token = (callerId: string, method: IdempotentMethod, idempotencyKey: string) =>
  new IdempotencyTokens(callerId).token(method, { idempotencyKey });

describe("idempotency tokens", () => {
  test("a call without a key has none", () => {
    const tokens = new IdempotencyTokens("one");
    expect(tokens.token("pop", undefined)).toBeUndefined();
    expect(tokens.token("pop", {})).toBeUndefined();
    expect(tokens.token("pop", { idempotencyKey: "" })).toBeUndefined();
  });

  test("are equal for the same caller, method and key only, whatever characters these hold", () => {
    const part = fc.string({
      unit: fc.constantFrom("a", " ", "1", "2", "pop", "put"),
      minLength: 1,
      maxLength: 6,
    });
    const method = fc.constantFrom<IdempotentMethod>("pop", "put", "createDict", "createEnvironment");
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
          expect(token(callerA, methodA, keyA) === token(callerB, methodB, keyB)).toBe(same);
          expect(token(callerA, methodA, keyA)).toBe(token(callerA, methodA, keyA));
        },
      ),
    );
  });

  test("a key of 256 characters is taken, one of 257 is refused without repeating it", () => {
    expect(idempotencyKeyMaxLength).toBe(256);
    expect(token("one", "pop", "k".repeat(256))).toContain("k".repeat(256));
    expect(() => token("one", "pop", "k".repeat(257))).toThrowError(
      "idempotency key is 257 characters, limit is 256",
    );
  });
});
