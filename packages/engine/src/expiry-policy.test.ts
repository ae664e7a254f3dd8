import { type ExpiryPolicy, ttlMaxMs } from "@everdict/protocol";
import { describe, expect, test } from "vitest";
import { checkedExpiry, specifiedExpiry } from "./expiry-policy.ts";

describe("expiry policies", () => {
  test("the default is 30 days after the last write", () => {
    expect(specifiedExpiry).toEqual({ policy: "afterWrite", ttlMs: 2_592_000_000 });
  });

  test.each([1, 1000, ttlMaxMs])("a time to live of %d ms is accepted", (ttlMs) => {
    for (const policy of ["afterWrite", "afterUse"] as const) {
      expect(checkedExpiry({ policy, ttlMs })).toEqual({ policy, ttlMs });
    }
  });

  test.each([0, -1, 0.4, ttlMaxMs + 1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    "a time to live of %d ms is refused",
    (ttlMs) => {
      expect(() => checkedExpiry({ policy: "afterUse", ttlMs })).toThrowError(/ttlMs is .* from 1 to/);
    },
  );

  test("seconds in a double do not leave fractions of a millisecond behind", () => {
    expect(checkedExpiry({ policy: "afterWrite", ttlMs: 1.1 * 1000 })).toEqual({
      policy: "afterWrite",
      ttlMs: 1100,
    });
  });

  test("only the known fields are kept, and an unknown policy is refused", () => {
    const never = { policy: "never", ttlMs: 5 } as ExpiryPolicy;
    expect(checkedExpiry(never)).toEqual({ policy: "never" });
    const unknown = { policy: "sometimes", ttlMs: 5 } as unknown as ExpiryPolicy;
    expect(() => checkedExpiry(unknown)).toThrowError(/'sometimes'/);
  });
});
