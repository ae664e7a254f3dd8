import type { AnswerTypes, RequestTypes } from "@everdict/protocol";
import type { ByteSink } from "../src/frames/byte-sink.ts";
import { FrameType } from "../src/frames/wire.ts";
import { foundEntryCodec, pageAnswerCodec, statsCodec, valuesCodec } from "../src/messages/bulk-answers.ts";
import { outcomeCodec } from "../src/messages/commit-outcome.ts";
import { frameByType } from "../src/messages/method-frames.ts";
import type { RequestCodec } from "../src/messages/request-codec.ts";
import { bytes } from "./session-setup.ts";

const version = "0123456789abcdef";
const key = bytes("k");
const value = bytes("value");
const match = [[{ offset: 0, bytes: key }], []];

/** A request of each kind that is read from the frame's content as it stands. */
export const sampleRequests: { readonly [Kind in keyof RequestTypes]?: RequestTypes[Kind] } = {
  key,
  entry: { key, value },
  entries: [
    { key, value, ttlMs: null },
    { key: value, value: key, ttlMs: undefined },
  ],
  commit: {
    conditions: [
      { key, expected: "absent" },
      { key: value, expected: version },
    ],
    changes: [
      { kind: "put", key, value, ttlMs: 5000 },
      { kind: "remove", key: value },
      {
        kind: "add",
        key: bytes("n"),
        by: key,
        initial: value,
        min: undefined,
        max: key,
        ttlOnCreateMs: null,
      },
      { kind: "touch", key: bytes("t"), ttlMs: undefined },
    ],
  },
  keys: [key, value, new Uint8Array(0)],
  page: { match, after: key, limit: 3, values: true },
  parts: { keys: true, values: false, match },
  dictChange: { expiry: { policy: "afterUse", ttlMs: 5000 }, durability: "memory" },
  dictCreation: { mode: "createIfMissing", environment: "", name: "n", shards: 4 },
};

/** An answer of each kind that has several fields. */
export const sampleAnswers = {
  outcome: { committed: true, results: [{ version }, { version: undefined }, { version, value }] },
  foundEntry: { value, version, expiresAtMs: 1_767_265_642_000 },
  values: [value, undefined, new Uint8Array(0)],
  page: { entries: [{ key, value }], next: key },
  stats: { entries: 3, bytes: undefined },
} satisfies { readonly [Kind in keyof AnswerTypes]?: AnswerTypes[Kind] };

/** Writes what follows the flags and the dictionary in a request, or the content of an answer. False: there is no sample. */
export function writeSample(type: number, sink: ByteSink): boolean {
  switch (type) {
    case FrameType.outcome:
      outcomeCodec.write(sink, sampleAnswers.outcome);
      return true;
    case FrameType.foundEntry:
      foundEntryCodec.write(sink, sampleAnswers.foundEntry);
      return true;
    case FrameType.values:
      valuesCodec.write(sink, sampleAnswers.values);
      return true;
    case FrameType.pageOfEntries:
      pageAnswerCodec.write(sink, sampleAnswers.page);
      return true;
    case FrameType.dictStats:
      statsCodec.write(sink, sampleAnswers.stats);
      return true;
    default:
      return writeSampleRequest(type, sink);
  }
}

function writeSampleRequest(type: number, sink: ByteSink): boolean {
  const method = frameByType[type];
  const content = method && sampleRequests[method.rule.request];
  if (method === undefined || content === undefined) return false;
  sink.u8(method.namesDict ? 8 : 0);
  if (method.namesDict) sink.text("di-1");
  (method.request as RequestCodec<unknown>).write(sink, content);
  return true;
}
