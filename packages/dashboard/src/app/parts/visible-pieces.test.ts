import { expect, test } from "vitest";
import { visiblePieces } from "./visible-pieces.ts";

const shown = (text: string) =>
  visiblePieces(text)
    .map((each) => (each.isControl ? `[${each.text}]` : each.text))
    .join("");

test.each([
  ["plain <b>", "plain <b>"],
  ["a\u202eb", "a[U+202E]b"],
  ["a\nb\0", "a[⏎]b[␀]"],
  ["\ud800x", "[U+D800]x"],
  ["😀", "😀"],
  ["zero\u200bwidth", "zero[U+200B]width"],
])("%j is shown as %s", (text, visible) => {
  expect(shown(text)).toBe(visible);
});
