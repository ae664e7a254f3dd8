import { expect, test } from "vitest";
import { hexLines } from "./hex-lines.ts";

test("bytes are shown with their addresses and what of them can be read", () => {
  const bytes = new TextEncoder().encode("sixteen bytes ..and\n");
  expect(hexLines(bytes, 1_000)).toBe(
    [
      "00000000  73 69 78 74 65 65 6e 20 62 79 74 65 73 20 2e 2e  sixteen bytes ..",
      "00000010  61 6e 64 0a                                      and.",
    ].join("\n"),
  );
});

test("no more is shown than is asked for", () => {
  expect(hexLines(new Uint8Array(100), 17).split("\n")).toHaveLength(2);
  expect(hexLines(new Uint8Array(0), 17)).toBe("");
});
