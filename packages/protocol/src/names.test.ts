import { expect, test } from "vitest";
import { InvalidError } from "./errors.ts";
import { checkDictName, checkEnvironmentName } from "./names.ts";

const sixtyFour = "n".repeat(64);

test.each([
  "a",
  "job-status",
  "A.b_c-9",
  "-",
  ".",
  "_x",
  sixtyFour,
  "ap-123",
  `ap-${"a".repeat(21)}`,
  "di-x",
])("%s names a dictionary", (name) => {
  expect(() => checkDictName(name)).not.toThrow();
});

test.each([
  "",
  `${sixtyFour}n`,
  "a b",
  "a/b",
  "naïve",
  "a\n",
  "\n",
  "a\0",
  `ap-${"a".repeat(22)}`,
  "x".repeat(100_000),
])("%j does not name a dictionary", (name) => {
  expect(() => checkDictName(name)).toThrow(InvalidError);
  expect(() => checkDictName(name)).toThrow(/^Invalid Dict name/);
});

test.each(["a", "0", "ab", "main", "0x", "a.b_c-9", sixtyFour, "EN", "env-1"])(
  "%s names an environment",
  (name) => {
    expect(() => checkEnvironmentName(name)).not.toThrow();
  },
);

test.each(["", `${sixtyFour}n`, "-", "-a", "_a", ".a", "en-x", "EN-x", "a b", "ab\n"])(
  "%j does not name an environment",
  (name) => {
    expect(() => checkEnvironmentName(name)).toThrow(InvalidError);
  },
);

test("a message never repeats more than 100 characters of a name", () => {
  try {
    checkDictName("x".repeat(100_000));
    expect.unreachable();
  } catch (error) {
    expect((error as Error).message.length).toBeLessThan(400);
    expect((error as Error).message).toContain("(100000 characters)");
  }
});
