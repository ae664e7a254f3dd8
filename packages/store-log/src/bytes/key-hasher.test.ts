import fc from "fast-check";
import { expect, test } from "vitest";
import { KeyHasher } from "./key-hasher.ts";

// The published vectors of HalfSipHash are those of 2-4 under the key 00 01 … 07, so the reference below is held to
// some of them, and the hash to the reference.
const publishedKey = Buffer.from("0001020304050607", "hex");
const published24 = ["a9359f5b", "27475ab8", "fa62a603", "8afee704"];

const mask = 0xffff_ffffn;
const rotate = (word: bigint, bits: bigint) => ((word << bits) | (word >> (32n - bits))) & mask;

/** HalfSipHash as its authors write it down, in big integers, without any shortcut. */
function halfSipHash(compressions: number, finalizations: number, key: Buffer, input: Uint8Array): number {
  const [k0, k1] = [BigInt(key.readUInt32LE(0)), BigInt(key.readUInt32LE(4))];
  let [v0, v1, v2, v3] = [k0, k1, 0x6c796765n ^ k0, 0x74656462n ^ k1];
  const round = () => {
    v0 = (v0 + v1) & mask;
    v1 = rotate(v1, 5n) ^ v0;
    v0 = rotate(v0, 16n);
    v2 = (v2 + v3) & mask;
    v3 = rotate(v3, 8n) ^ v2;
    v0 = (v0 + v3) & mask;
    v3 = rotate(v3, 7n) ^ v0;
    v2 = (v2 + v1) & mask;
    v1 = rotate(v1, 13n) ^ v2;
    v2 = rotate(v2, 16n);
  };
  const padded = Buffer.alloc(4 * Math.floor(input.length / 4) + 4);
  padded.set(input);
  padded[padded.length - 1] = input.length & 0xff;
  for (let at = 0; at < padded.length; at += 4) {
    const word = BigInt(padded.readUInt32LE(at));
    v3 ^= word;
    for (let count = 0; count < compressions; count++) round();
    v0 ^= word;
  }
  v2 ^= 0xffn;
  for (let count = 0; count < finalizations; count++) round();
  return Number(v1 ^ v3);
}

test("the reference is HalfSipHash: the published vectors of 2-4", () => {
  for (const [length, vector] of published24.entries()) {
    const input = Uint8Array.from({ length }, (_, index) => index);
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(halfSipHash(2, 4, publishedKey, input));
    expect(bytes.toString("hex")).toBe(vector);
  }
});

test("a hasher computes HalfSipHash-1-3 under its secret, of any part of any bytes", () => {
  for (const secret of [publishedKey, Buffer.from("ffffffff80000000", "hex"), Buffer.alloc(8)]) {
    const hasher = new KeyHasher(secret);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), fc.nat(5), fc.nat(5), (bytes, before, behind) => {
        const start = Math.min(before, bytes.length);
        const end = Math.max(start, bytes.length - behind);
        const expected = halfSipHash(1, 3, secret, bytes.subarray(start, end));
        expect(hasher.hash(bytes, start, end) >>> 0).toBe(expected);
      }),
    );
  }
});

test("another secret, other hashes", () => {
  const [one, other] = [new KeyHasher(publishedKey), new KeyHasher(Buffer.alloc(8, 9))];
  const keys = Array.from({ length: 1000 }, (_, index) => Buffer.from(`key ${index}`));
  expect(keys.filter((key) => one.hash(key) === other.hash(key)).length).toBeLessThan(3);
});

test("keys that differ in little are spread evenly", () => {
  const hasher = new KeyHasher(publishedKey);
  const counts = new Uint32Array(256);
  for (let index = 0; index < 100_000; index++) counts[hasher.hash(Buffer.from(`user:${index}`)) >>> 24]!++;
  // 390 on the average; the deviation is 20.
  expect(Math.min(...counts)).toBeGreaterThan(250);
  expect(Math.max(...counts)).toBeLessThan(530);
});
