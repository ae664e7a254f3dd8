import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { shellLine } from "./shell-quote.ts";

test.each([
  ["jobs", "jobs"],
  ["a b", "'a b'"],
  ["it's", `'it'\\''s'`],
  ["", "''"],
  ["a\nb", "$'a\\u000ab'"],
])("%j is written as %s", (word, line) => {
  expect(shellLine([word])).toBe(line);
});

test("bash reads back every word as it was", () => {
  const words = [
    "a b",
    "it's",
    "$(x) `y`",
    "\\",
    "tab\there",
    "line\nbreak",
    "\u202ertl",
    "ü",
    "--x=1",
    "*",
    "!",
    "'\n\\",
  ];
  const out = execFileSync("bash", ["-c", `printf '%s\\0' ${shellLine(words)}`], {
    encoding: "utf8",
    env: { ...process.env, LC_ALL: "C.UTF-8" },
  });
  expect(out.split("\0").slice(0, -1)).toEqual(words);
});
