import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { Entry } from "@everdict/protocol";
import { DictEntrySchema } from "@everdict/protocol/api";
import fc from "fast-check";
import { expect, test } from "vitest";
import { frame } from "../../testing/raw-client.ts";
import { entryFrames } from "./entry-frames.ts";

/** The same through the protobuf library. */
function expected(entries: readonly Entry[]): Buffer {
  return Buffer.concat(
    entries.map((entry) => frame(toBinary(DictEntrySchema, create(DictEntrySchema, entry)))),
  );
}

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  // Sizes at which a length takes one more byte, and around the one from which values are not copied.
  fc
    .constantFrom(0, 1, 127, 128, 16_383, 16_384, 32_767, 32_768, 70_000)
    .map((size) => new Uint8Array(size).fill(7)),
);

test("entries are framed exactly as the protobuf library writes them", () => {
  fc.assert(
    fc.property(fc.array(fc.record({ key: bytes, value: bytes }), { maxLength: 30 }), (entries) => {
      expect(Buffer.concat([...entryFrames(entries)]).equals(expected(entries))).toBe(true);
    }),
  );
});

test("pieces are of bounded size, whatever the batch", () => {
  const small = Array.from({ length: 5000 }, (_, index) => ({
    key: new Uint8Array(20).fill(index),
    value: new Uint8Array(100),
  }));
  const sizes = Array.from(entryFrames(small), (piece) => piece.length);
  expect(Math.max(...sizes)).toBeLessThan(65 * 1024);
  expect(sizes.length).toBeLessThan(15);
});

test("a large value is handed out uncopied", () => {
  const value = new Uint8Array(1_000_000).fill(3);
  const pieces = [...entryFrames([{ key: new Uint8Array([1]), value }])];
  expect(pieces.at(-1)).toBe(value);
  const whole = Buffer.concat(pieces);
  expect(fromBinary(DictEntrySchema, whole.subarray(5)).value.length).toBe(value.length);
});

test("a part that was not asked for takes no bytes", () => {
  const [piece] = [...entryFrames([{ key: new Uint8Array([1, 2]), value: new Uint8Array(0) }])];
  expect([...piece!]).toEqual([0, 0, 0, 0, 4, 0x0a, 2, 1, 2]);
  const [empty] = [...entryFrames([{ key: new Uint8Array(0), value: new Uint8Array(0) }])];
  expect([...empty!]).toEqual([0, 0, 0, 0, 0]);
});
