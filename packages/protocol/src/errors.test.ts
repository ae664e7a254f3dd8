import { expect, test } from "vitest";
import { type ErrorCode, errorTable } from "./error-table.ts";
import * as errors from "./errors.ts";

const classes: Record<string, unknown> = errors;

test.each(Object.keys(errorTable) as ErrorCode[])("%s makes an error of its class", (code) => {
  const cause = new Error("the cause");
  const error = errors.createError(code, "the message", { cause });
  const rule = errorTable[code];
  expect(error).toBeInstanceOf(classes[rule.className]);
  expect(error).toBeInstanceOf(errors.EverdictError);
  expect(error).toMatchObject({
    code,
    message: "the message",
    cause,
    name: rule.className,
    retry: rule.retry,
  });
});

test("errorFrom() returns ours as it is and wraps the rest as internal", () => {
  const ours = errors.createError("dict_not_found", "no");
  expect(errors.errorFrom(ours)).toBe(ours);
  const foreign = new RangeError("boom");
  expect(errors.errorFrom(foreign)).toMatchObject({ code: "internal", message: "boom", cause: foreign });
  expect(errors.errorFrom(undefined).message).toBe("undefined");
  expect(errors.errorFrom(new Error("")).message).not.toBe("");
});

test("only outcomes that leave nothing behind are marked never or after-backoff", () => {
  // What may have been applied must never be reported as safe to forget.
  for (const code of ["cancelled", "deadline_exceeded", "unavailable", "internal", "unknown"] as const) {
    expect(errorTable[code].retry).toBe("if-idempotent");
  }
});
