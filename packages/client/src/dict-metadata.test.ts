import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { DictMetadataSchema } from "@everdict/protocol/api";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type DictMetadata, decodeDictMetadata, encodeDictMetadata } from "./dict-metadata.ts";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const example = { name: "my-dict", createdAtSeconds: 1700000000.5, createdBy: "alice" };

test("writes and reads the reference bytes", () => {
  const bytes = Buffer.from("0a076d792d6469637412100900002040fc54d9411205616c696365", "hex");
  expect(hex(encodeDictMetadata(example))).toBe(hex(bytes));
  expect(decodeDictMetadata(bytes)).toEqual(example);
});

const metadata: fc.Arbitrary<DictMetadata> = fc.record({
  name: fc.string({ unit: "grapheme", maxLength: 300 }),
  createdAtSeconds: fc.double({ noNaN: true }),
  createdBy: fc.string({ maxLength: 300 }),
});

test("writes what a protobuf library writes, and reads it", () => {
  fc.assert(
    fc.property(metadata, (value) => {
      const message = create(DictMetadataSchema, {
        name: value.name,
        creationInfo: { createdAt: value.createdAtSeconds, createdBy: value.createdBy },
      });
      const expected = toBinary(DictMetadataSchema, message);
      expect(hex(encodeDictMetadata(value))).toBe(hex(expected));
      expect(decodeDictMetadata(expected)).toEqual(value);
    }),
  );
});

test("skips fields it does not know, of every wire type", () => {
  const unknown = [
    [0x18, 0x96, 0x01], // field 3, varint 150
    [0x21, 1, 2, 3, 4, 5, 6, 7, 8], // field 4, 64 bits
    [0x2a, 2, 0xff, 0xff], // field 5, two bytes
    [0x35, 1, 2, 3, 4], // field 6, 32 bits
  ].flat();
  const bytes = Uint8Array.from([...unknown, ...encodeDictMetadata(example), ...unknown]);
  expect(decodeDictMetadata(bytes)).toEqual(example);
  expect(fromBinary(DictMetadataSchema, bytes).name).toBe("my-dict");
});

test("any bytes are either read or refused with a RangeError", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      try {
        decodeDictMetadata(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }),
  );
  const whole = encodeDictMetadata(example);
  for (let length = 1; length < whole.length; length += 1) {
    if (length === 9) continue; // the name alone is a message of its own
    expect(() => decodeDictMetadata(whole.subarray(0, length))).toThrow(RangeError);
  }
});
