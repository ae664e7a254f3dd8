import type { DictInfo } from "@everdict/protocol";
import { expect, test } from "vitest";
import { ByteSink } from "../frames/byte-sink.ts";
import { ByteSource } from "../frames/byte-source.ts";
import { dictList } from "../server/list-answer.ts";
import { type Codec, dictInfoCodec, dictInfosCodec, dictItemCodec } from "./info-messages.ts";

const plain = { dictId: "di-abc", name: "jobs", createdAtSeconds: 1.5, createdBy: "someone" };
const infos: DictInfo[] = [
  { ...plain, expiry: { policy: "never" }, durability: "sync" },
  { ...plain, expiry: { policy: "afterWrite", ttlMs: 1000 }, durability: "everysec" },
  { ...plain, expiry: { policy: "afterUse", ttlMs: 2 ** 40 }, durability: "memory" },
];

function written<T>(codec: Codec<T>, content: T): Uint8Array {
  const sink = new ByteSink(new Uint8Array(codec.room(content)));
  codec.write(sink, content);
  return sink.bytes.subarray(0, sink.position);
}

const source = (bytes: Uint8Array) => new ByteSource().reset(bytes, 0, bytes.byteLength);

test("a dictionary arrives with its policies, one by one and in a list", () => {
  for (const info of infos) expect(dictInfoCodec.read(source(written(dictInfoCodec, info)))).toEqual(info);
  expect(dictInfosCodec.read(source(written(dictInfosCodec, infos)))).toEqual(infos);
});

test("a list that is encoded in slices is the same", async () => {
  const many = Array.from({ length: 5000 }, (_, index) => infos[index % infos.length]!);
  const { pieces } = await dictList(many);
  expect(pieces!.length).toBeGreaterThan(2);
  expect(Buffer.concat(pieces!).equals(written(dictInfosCodec, many))).toBe(true);
  expect(dictInfosCodec.read(source(Buffer.concat(pieces!)))).toEqual(many);
});

test("what an older server leaves out, and what a later one may say, is not told", () => {
  const older = written(dictItemCodec, plain);
  const later = Uint8Array.of(...older, 200, 1, 2, 3);
  for (const bytes of [older, later]) expect(dictInfoCodec.read(source(bytes))).toEqual(plain);
  const list = Uint8Array.of(2, 0, 0, 0, ...older, ...older);
  expect(dictInfosCodec.read(source(list))).toEqual([plain, plain]);
  expect(dictInfosCodec.read(source(Uint8Array.of(...list, 3, 1, 200)))).toEqual([
    { ...plain, expiry: { policy: "never" }, durability: "sync" },
    plain,
  ]);
});

test("an older client reads what comes first", () => {
  const bytes = source(written(dictInfoCodec, infos[0]!));
  expect(dictItemCodec.read(bytes)).toEqual(plain);
  expect(bytes.left).toBe(2);
});
