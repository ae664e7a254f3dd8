import fc from "fast-check";
import { expect, test } from "vitest";
import { percentEncode } from "./percent-encode.ts";

test("plain text stays as it is, with the exception of the percent sign", () => {
  expect(percentEncode("Dict 'x' not found (status = '413') ~`^|")).toBe(
    "Dict 'x' not found (status = '413') ~`^|",
  );
  expect(percentEncode("100 %")).toBe("100 %25");
});

test("everything else becomes the percent-encoded bytes of its UTF-8", () => {
  expect(percentEncode("naïve\n€ 𝄞")).toBe("na%C3%AFve%0A%E2%82%AC %F0%9D%84%9E");
  expect(percentEncode("\u007f\u0000")).toBe("%7F%00");
});

test("what was encoded is printable ASCII and decodes to what it was", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      const encoded = percentEncode(text);
      expect(encoded).toMatch(/^[ -~]*$/);
      expect(decodeURIComponent(encoded)).toBe(text);
    }),
  );
});

test("a lone surrogate becomes the replacement character", () => {
  expect(percentEncode("\ud800")).toBe("%EF%BF%BD");
});
