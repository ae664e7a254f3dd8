import { formatDuration } from "@everdict/protocol";
import { expect, test } from "vitest";
import { expiryText, expiryWord, parseTtl } from "./expiry-text.ts";

test.each(["30d", "90m", "1h", "45s", "250ms"])("%s is the same after it was read", (text) => {
  expect(formatDuration(parseTtl(text)!)).toBe(text);
});

test.each(["", "0s", "-1h", "1", "1w", "h", "9e99d", "999999999999999d"])(
  "%j is no length of time",
  (text) => {
    expect(parseTtl(text)).toBeUndefined();
  },
);

test("a policy is said for people and for the command line", () => {
  const afterUse = { policy: "afterUse", ttlMs: 7 * 86_400_000 } as const;
  expect([expiryText(afterUse), expiryWord(afterUse)]).toEqual(["7d after use", "7d-after-use"]);
  expect([expiryText({ policy: "never" }), expiryWord({ policy: "never" })]).toEqual(["never", "never"]);
});
