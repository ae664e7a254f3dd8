import { expect, test } from "vitest";
import { crc32c } from "../bytes/crc32c.ts";
import {
  checksumSeed,
  encodeRecordHead,
  type RecordFields,
  RecordKind,
  RecordTarget,
  RecordView,
  recordBytes,
  recordHeaderBytes,
} from "./record.ts";

const fields: RecordFields = {
  kind: RecordKind.put,
  endsCommit: true,
  sequence: 2 ** 40 + 3,
  dict: 7,
  generation: 2,
  version: 2 ** 33 + 1,
  expiresAtMs: 1_700_000_000_000.25,
  key: Buffer.from("key"),
  value: Buffer.from("some value"),
};

const seed = checksumSeed(7, 1000);

function encode(record: RecordFields): Buffer {
  const bytes = Buffer.alloc(recordBytes(record.key.length, record.value.length));
  encodeRecordHead(new RecordTarget(bytes), 0, record, 96);
  bytes.set(record.value, recordHeaderBytes + record.key.length);
  bytes.writeUInt32LE(crc32c(bytes, 4, bytes.length, seed), 0);
  return bytes;
}

test("a record is none in another place, nor in another segment", () => {
  const bytes = encode(fields);
  const statusOf = (salt: number, offset: number) =>
    new RecordView().read(bytes, 0, bytes.length, checksumSeed(salt, offset));
  expect(statusOf(7, 1000)).toBe("whole");
  expect(statusOf(7, 1001)).toBe("bad");
  expect(statusOf(8, 1000)).toBe("bad");
});

test("every field comes back", () => {
  const bytes = encode(fields);
  const view = new RecordView();
  expect(view.read(bytes, 0, bytes.length, seed)).toBe("whole");
  const { kind, endsCommit, sequence, dict, generation, version, expiresAtMs } = fields;
  expect(view).toMatchObject({
    kind,
    endsCommit,
    sequence,
    dict,
    generation,
    version,
    expiresAtMs,
    flushedTo: 96,
  });
  expect(view.key()).toEqual(fields.key);
  expect(view.value()).toEqual(fields.value);
  expect(view.end).toBe(bytes.length);
});

test("an expiry of never comes back", () => {
  const bytes = encode({ ...fields, expiresAtMs: Number.POSITIVE_INFINITY });
  const view = new RecordView();
  view.read(bytes, 0, bytes.length, seed);
  expect(view.expiresAtMs).toBe(Number.POSITIVE_INFINITY);
});

test("a record torn at any byte is short", () => {
  const bytes = encode(fields);
  for (let end = 0; end < bytes.length; end++) {
    expect(new RecordView().read(bytes.subarray(0, end), 0, end, seed)).toBe("short");
  }
});

test("a record with any bit flipped is not whole", () => {
  const bytes = encode(fields);
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    bytes[bit >> 3]! ^= 1 << (bit & 7);
    expect(new RecordView().read(bytes, 0, bytes.length, seed)).not.toBe("whole");
    bytes[bit >> 3]! ^= 1 << (bit & 7);
  }
});

test("zeros are no record", () => {
  expect(new RecordView().read(Buffer.alloc(4096), 0, 4096, seed)).toBe("bad");
});
