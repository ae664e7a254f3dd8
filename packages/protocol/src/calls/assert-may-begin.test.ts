import { expect, test } from "vitest";
import { EverdictError } from "../errors.ts";
import type { CallOptions } from "../service.ts";
import { assertMayBegin } from "./assert-may-begin.ts";
import { tooLate } from "./early-end-errors.ts";

function outcome(options: CallOptions | undefined): string {
  try {
    assertMayBegin(options);
    return "may begin";
  } catch (caught) {
    return caught instanceof EverdictError ? caught.code : String(caught);
  }
}

test.each<[CallOptions | undefined, string]>([
  [undefined, "may begin"],
  [{}, "may begin"],
  [{ timeoutMs: 0.1 }, "may begin"],
  [{ timeoutMs: Number.POSITIVE_INFINITY }, "may begin"],
  [{ signal: new AbortController().signal }, "may begin"],
  [{ timeoutMs: 0 }, "deadline_exceeded"],
  [{ timeoutMs: -5 }, "deadline_exceeded"],
  [{ timeoutMs: Number.NaN }, "invalid_argument"],
  [{ signal: AbortSignal.abort(), timeoutMs: 0 }, "cancelled"],
])("a call with %o: %s", (options, expected) => {
  expect(outcome(options)).toBe(expected);
});

test("the errors of late calls show no odd figures", () => {
  expect(() => assertMayBegin({ timeoutMs: -85.215 })).toThrow(
    /^the time of the call was over before [a-z ;]+$/,
  );
  expect(tooLate(12.4375, "").message).toBe("no answer within 12 ms");
  expect(tooLate(-0.2, "").message).toBe("no answer within 0 ms");
});
