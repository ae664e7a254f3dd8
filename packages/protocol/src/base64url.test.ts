import { expect, test } from "vitest";
import { fromBase64Url, toBase64Url } from "./base64url.ts";

test("bytes of any length are the same after they were text, and the platform agrees", () => {
  for (let length = 0; length < 20; length++) {
    const bytes = Uint8Array.from({ length }, (_, index) => (index * 97 + 251) & 0xff);
    expect(toBase64Url(bytes)).toBe(Buffer.from(bytes).toString("base64url"));
    expect(fromBase64Url(toBase64Url(bytes))).toEqual(bytes);
  }
});

test.each(["%%%", "A", "AAAAA", "AA=", "A+", "A/", "ä"])("%j is no such text", (text) => {
  expect(fromBase64Url(text)).toBeUndefined();
});
