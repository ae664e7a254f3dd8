import fc from "fast-check";
import { expect, test } from "vitest";
import { crc32c } from "./crc32c.ts";

const ascii = (text: string) => Buffer.from(text, "latin1");
const whole = (bytes: Uint8Array) => crc32c(bytes, 0, bytes.length);

test("agrees with the published vectors of RFC 3720, appendix B.4", () => {
  expect(whole(ascii("123456789"))).toBe(0xe3069283);
  expect(whole(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(whole(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
  expect(whole(Uint8Array.from({ length: 32 }, (_, index) => index))).toBe(0x46dd794e);
  expect(whole(Uint8Array.from({ length: 32 }, (_, index) => 31 - index))).toBe(0x113fdb5c);
});

test("of no bytes is zero", () => {
  expect(whole(new Uint8Array(0))).toBe(0);
});

test("in pieces equals the checksum of the whole, wherever it is cut", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(100), (bytes, wanted) => {
      const cut = Math.min(wanted, bytes.length);
      const first = crc32c(bytes, 0, cut);
      expect(crc32c(bytes, cut, bytes.length, first)).toBe(whole(bytes));
    }),
  );
});
