import { describe, expect, test } from "vitest";
import type { ErrorCode } from "../error-table.ts";
import { createError } from "../errors.ts";
import {
  callRepeatRule,
  type FailedCall,
  type Failure,
  keyMaxAgeMs,
  type RepeatLimits,
  repeatVerdict,
} from "./repeat-verdict.ts";

const fresh: FailedCall = {
  repeat: "always",
  doneIf: undefined,
  repeats: 0,
  throttledMs: 0,
  inDoubtMs: undefined,
};

function failed(code: ErrorCode, more: Partial<Failure> & { readonly retryAfterMs?: number } = {}): Failure {
  const { retryAfterMs, ...failure } = more;
  return {
    error: createError(code, "it failed", { retryAfterMs }),
    sentAgoMs: 5,
    isAnswer: true,
    ...failure,
  };
}

/** What becomes of a call, in a word: `done`, the pause, or the code of the error. */
function end(call: Partial<FailedCall>, failure: Failure, limits?: RepeatLimits): string | number {
  const verdict = repeatVerdict({ ...fresh, ...call }, failure, limits);
  if (verdict.outcome === "repeat") return verdict.delayMs;
  return verdict.outcome === "done" ? "done" : verdict.error.code;
}

describe("after an unknown outcome", () => {
  test.each([
    ["always", 100],
    ["underKey", 100],
    ["never", "unavailable"],
  ] as const)("a call whose rule is %s: %s", (repeat, expected) => {
    expect(end({ repeat }, failed("unavailable"))).toBe(expected);
  });

  test("a call that was not sent is repeated whatever its rule", () => {
    expect(end({ repeat: "never" }, failed("unavailable", { sentAgoMs: undefined }))).toBe(100);
  });

  test("pauses double up to a second, three times in all", () => {
    const limits = { repeatsMax: 6 };
    const pauses = [0, 1, 2, 3, 4, 5].map((repeats) => end({ repeats }, failed("internal"), limits));
    expect(pauses).toEqual([100, 200, 400, 800, 1000, 1000]);
    expect(end({ repeats: 2 }, failed("internal"))).toBe(400);
    expect(end({ repeats: 3 }, failed("internal"))).toBe("internal");
  });

  test("an error that says that it is done ends a call in doubt well, and no other", () => {
    const deletion = { doneIf: "dict_not_found" } as const;
    expect(end({ ...deletion, inDoubtMs: 10 }, failed("dict_not_found"))).toBe("done");
    expect(end(deletion, failed("dict_not_found"))).toBe("dict_not_found");
    expect(end({ inDoubtMs: 10 }, failed("dict_not_found"))).toBe("dict_not_found");
  });
});

describe("a call that lives by its key", () => {
  const call = { repeat: "underKey" } as const;

  test("is not sent again when the server may have forgotten the key by then", () => {
    expect(end({ ...call, inDoubtMs: keyMaxAgeMs - 100 }, failed("unavailable"))).toBe(100);
    const verdict = repeatVerdict({ ...fresh, ...call, inDoubtMs: keyMaxAgeMs - 99 }, failed("unavailable"));
    expect(verdict).toMatchObject({
      outcome: "fail",
      error: { code: "unavailable", message: expect.stringContaining("the outcome is unknown") },
    });
  });

  test("does not wait past that for a server that asks for patience", () => {
    const overloaded = failed("overloaded", { retryAfterMs: 5_000 });
    expect(end({ ...call, inDoubtMs: keyMaxAgeMs - 5_000 }, overloaded)).toBe(5_000);
    expect(end({ ...call, inDoubtMs: keyMaxAgeMs - 4_999 }, overloaded)).toBe("unavailable");
    expect(end(call, overloaded)).toBe(5_000);
  });

  test("is in doubt from when this attempt was sent, if it was the first", () => {
    expect(end(call, failed("unavailable", { sentAgoMs: keyMaxAgeMs }))).toBe("unavailable");
    expect(end(call, failed("overloaded", { sentAgoMs: keyMaxAgeMs, retryAfterMs: 1 }))).toBe(1);
  });
});

describe("a server that asks to wait", () => {
  test("gets the time that it names, within the limit for all such waits", () => {
    const overloaded = failed("overloaded", { retryAfterMs: 300 });
    expect(end({ repeats: 3 }, overloaded)).toBe(300);
    expect(end({ throttledMs: 700 }, overloaded, { maxThrottleWaitMs: 1_000 })).toBe(300);
    expect(end({ throttledMs: 701 }, overloaded, { maxThrottleWaitMs: 1_000 })).toBe("overloaded");
    expect(end({}, overloaded, { throttleMinMs: 500 })).toBe(500);
  });

  test("is asked ever more slowly if it names none, and not at all if it is not ours", () => {
    expect(end({}, failed("overloaded"))).toBe(100);
    expect(end({ throttledMs: 400 }, failed("overloaded"))).toBe(400);
    expect(end({ throttledMs: 9_000 }, failed("overloaded"))).toBe(1_000);
    expect(end({}, failed("overloaded", { isAnswer: false }))).toBe("overloaded");
  });

  test("may do so with any error", () => {
    expect(end({}, failed("permission_denied", { retryAfterMs: 7 }))).toBe(7);
  });
});

describe("what is final", () => {
  test.each(["invalid_argument", "dict_not_found", "store_full", "conflict"] as const)("%s", (code) => {
    expect(end({}, failed(code))).toBe(code);
  });

  test("anything, for a stream that has delivered something", () => {
    for (const failure of [failed("unavailable"), failed("overloaded", { retryAfterMs: 5 })]) {
      expect(end({ repeat: "delivered" }, failure)).toBe(failure.error.code);
    }
  });
});

test.each([
  ["creation", "createFailIfExists", false, "underKey"],
  ["creation", "ephemeral", false, "underKey"],
  ["creation", "createIfMissing", false, "always"],
  ["creation", "lookup", false, "always"],
  ["untilDelivered", undefined, true, "always"],
  ["untilDelivered", undefined, false, "delivered"],
  ["never", undefined, true, "never"],
  ["always", undefined, false, "always"],
] as const)(
  "a method that may be repeated %s, with mode %s, untouched %s: %s",
  (repeat, mode, isUntouched, rule) => {
    expect(callRepeatRule({ repeat }, mode, isUntouched)).toBe(rule);
  },
);
