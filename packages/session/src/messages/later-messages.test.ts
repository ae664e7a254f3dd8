// The requests and answers of the second level: as they were written, they are read, and what is wrong takes no memory.
import { type Method, methodTable, type RequestTypes } from "@everdict/protocol";
import { describe, expect, test } from "vitest";
import { frame } from "../../testing/raw-peer.ts";
import { sampleAnswers, sampleRequests } from "../../testing/sample-messages.ts";
import { bytes } from "../../testing/session-setup.ts";
import { ByteSink } from "../frames/byte-sink.ts";
import { ByteSource } from "../frames/byte-source.ts";
import { PieceSink } from "../frames/piece-sink.ts";
import { totalLength } from "../frames/write-buffer.ts";
import { foundEntryCodec, pageAnswerCodec, statsCodec, valuesCodec } from "./bulk-answers.ts";
import { outcomeCodec } from "./commit-outcome.ts";
import type { Codec } from "./info-messages.ts";
import { methodFrames } from "./method-frames.ts";
import type { RequestCodec } from "./request-codec.ts";
import { requestCodecs } from "./request-codecs.ts";

const version = "fedcba9876543210";
const maxEntries = 10;

function written(write: (sink: ByteSink) => void): ByteSource {
  const whole = frame(0, 0, write);
  return new ByteSource().reset(whole, 9, whole.length);
}

type AnyCodec = Codec<unknown> & RequestCodec<unknown>;

function roundTrip(codec: AnyCodec, content: unknown): unknown {
  const sink = new ByteSink(new Uint8Array(codec.room(content)));
  codec.write(sink, content);
  return codec.read(new ByteSource().reset(sink.bytes, 0, sink.position), maxEntries);
}

describe("requests", () => {
  const kinds = Object.entries(sampleRequests) as [keyof RequestTypes, unknown][];

  test.for(kinds)("of the kind %s are read as they were written, in the room announced", ([kind, sample]) => {
    expect(roundTrip(requestCodecs[kind] as AnyCodec, sample)).toMatchObject(sample as object);
  });

  test.for(kinds)("of the kind %s that end too soon are found out", ([kind, sample]) => {
    const codec = requestCodecs[kind] as AnyCodec;
    const { bytes: whole, end } = written((sink) => codec.write(sink, sample));
    // A key is whatever there is; behind the data of a creation nothing must follow.
    const optional = { key: whole.length, dictCreation: 8 }[kind as string] ?? 0;
    for (let at = 9; at < end - optional; at++) {
      expect(() => codec.read(new ByteSource().reset(whole, 9, at), maxEntries)).toThrow();
    }
  });

  test("large values go from where they are, and small ones with what is around them", () => {
    const value = new Uint8Array(20_000).fill(7);
    const request = {
      conditions: [{ key: bytes("k"), expected: version }],
      changes: [
        { kind: "put", key: bytes("k"), value },
        { kind: "put", key: bytes("l"), value: bytes("small") },
      ],
    } as const;
    const { commit } = requestCodecs;
    const sink = new PieceSink(commit.room(request), commit.raws!(request));
    commit.write(sink, request);
    const pieces = sink.pieces();
    expect(pieces).toHaveLength(3);
    expect(pieces[1]).toBe(value);
    const source = new ByteSource().reset(Buffer.concat(pieces), 0, totalLength(pieces));
    expect(commit.read(source, maxEntries)).toMatchObject(request);
  });

  test("a time to live that is none is not taken for the policy's or for never", () => {
    for (const ttlMs of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const [entry] = roundTrip(requestCodecs.entries as AnyCodec, [
        { key: bytes("k"), value: bytes("v"), ttlMs },
      ]) as { ttlMs: number }[];
      expect(entry!.ttlMs).toBe(Number.NEGATIVE_INFINITY);
    }
  });

  test("a version that is none is refused before anything is sent", () => {
    const request = { conditions: [{ key: bytes("k"), expected: "newest" }], changes: [] };
    expect(() => roundTrip(requestCodecs.commit as AnyCodec, request)).toThrow("a version of 6 characters");
  });

  test("entries without times to live, and contents without patterns, are written as they always were", () => {
    const hex = (write: (sink: ByteSink) => void) => {
      const { bytes: whole } = written(write);
      return Buffer.from(whole.subarray(9)).toString("hex");
    };
    const entries = [{ key: bytes("a"), value: bytes("1"), ttlMs: undefined }];
    expect(hex((sink) => requestCodecs.entries.write(sink, entries))).toBe("0100000001000000010000006131");
    const parts = { keys: true, values: true, match: undefined };
    expect(hex((sink) => requestCodecs.parts.write(sink, parts))).toBe("0300000400");
  });

  test("more items than a request may hold are refused with the limit", () => {
    const tooMany: [keyof RequestTypes, unknown][] = [
      ["keys", Array.from({ length: 11 }, () => bytes("k"))],
      ["entries", Array.from({ length: 11 }, () => ({ key: bytes("k"), value: bytes("v"), ttlMs: 1 }))],
      [
        "commit",
        { conditions: [], changes: Array.from({ length: 11 }, () => ({ kind: "remove", key: bytes("k") })) },
      ],
      [
        "commit",
        {
          changes: [],
          conditions: Array.from({ length: 11 }, () => ({ expected: "absent", key: bytes("k") })),
        },
      ],
    ];
    for (const [kind, content] of tooMany) {
      expect(() => roundTrip(requestCodecs[kind] as AnyCodec, content)).toThrow(/11 entries.*limit is 10/);
    }
  });

  test("more patterns, or parts of one, than there may be are refused with the limit", () => {
    const part = { offset: 0, bytes: bytes("k") };
    const page = (match: unknown) => ({ match, limit: 1, values: false });
    const read = (match: unknown) => roundTrip(requestCodecs.page as AnyCodec, page(match));
    expect(() => read(Array.from({ length: 17 }, () => [part]))).toThrow("17 patterns of keys, limit is 16");
    expect(() => read([Array.from({ length: 17 }, () => part)])).toThrow(
      "17 parts of a pattern, limit is 16",
    );
  });

  test("numbers of items that cannot be there are found out before any memory is taken for them", () => {
    const announced = (kind: keyof RequestTypes, ...before: number[]) => {
      const source = written((sink) => {
        for (const byte of before) sink.u8(byte);
        sink.u32(0x7fff_ffff);
        sink.u32(0);
      });
      return () => (requestCodecs[kind] as AnyCodec).read(source, Number.POSITIVE_INFINITY);
    };
    expect(announced("keys")).toThrow("2147483647 keys are announced in 4 bytes");
    expect(announced("commit")).toThrow("2147483647 conditions are announced in 4 bytes");
    expect(announced("commit", 0, 0, 0, 0)).toThrow("2147483647 changes are announced in 4 bytes");
    expect(announced("parts", 7, 0, 0, 4, 0)).toThrow("2147483647 patterns of keys are announced in 4 bytes");
  });

  test("that only newer servers know are told apart", () => {
    const later = (method: Method, content: unknown) => methodFrames[method].isLater(content as never);
    const entry = { key: bytes("k"), value: bytes("v") };
    expect(later("commit", sampleRequests.commit)).toBe(true);
    expect(later("stats", undefined)).toBe(true);
    expect(later("get", bytes("k"))).toBe(false);
    expect(later("update", [entry])).toBe(false);
    expect(later("update", [entry, { ...entry, ttlMs: null }])).toBe(true);
    expect(later("contents", { keys: true, values: true })).toBe(false);
    expect(later("contents", sampleRequests.parts)).toBe(true);
    expect(later("getOrCreateDict", { mode: "ephemeral", environment: "" })).toBe(false);
    expect(later("getOrCreateDict", sampleRequests.dictCreation)).toBe(true);
    expect(methodTable.stats.request).toBe("nothing");
  });
});

describe("answers", () => {
  const answers: [string, AnyCodec, unknown][] = [
    ["outcome", outcomeCodec as AnyCodec, sampleAnswers.outcome],
    ...(["condition", "not_a_number", "out_of_bounds"] as const).map(
      (reason): [string, AnyCodec, unknown] => [
        `outcome ${reason}`,
        outcomeCodec as AnyCodec,
        { committed: false, reason, index: 70_000, found: reason === "condition" ? undefined : version },
      ],
    ),
    ["found entry", foundEntryCodec as AnyCodec, sampleAnswers.foundEntry],
    [
      "found entry without an end",
      foundEntryCodec as AnyCodec,
      { ...sampleAnswers.foundEntry, expiresAtMs: undefined },
    ],
    ["values", valuesCodec as AnyCodec, sampleAnswers.values],
    ["page", pageAnswerCodec as AnyCodec, sampleAnswers.page],
    ["last page", pageAnswerCodec as AnyCodec, { entries: [], next: undefined }],
    ["stats", statsCodec as AnyCodec, sampleAnswers.stats],
    ["stats with bytes", statsCodec as AnyCodec, { entries: 0, bytes: 2 ** 40 }],
  ];

  test.for(answers)("%s is read as it was written, in the room announced", ([, codec, sample]) => {
    expect(roundTrip(codec, sample)).toEqual(sample);
  });

  test("with more items than there can be are found out before any memory is taken for them", () => {
    const many = (...before: number[]) =>
      written((sink) => {
        for (const byte of before) sink.u8(byte);
        sink.u32(0xffff_ffff);
      });
    expect(() => valuesCodec.read(many())).toThrow("4294967295 values are announced in 0 bytes");
    expect(() => outcomeCodec.read(many(0))).toThrow("4294967295 results are announced in 0 bytes");
    expect(() => pageAnswerCodec.read(many(0))).toThrow("4294967295 entries are announced in 0 bytes");
    expect(() => outcomeCodec.read(many(9))).toThrow("a refusal of kind 9");
  });
});
