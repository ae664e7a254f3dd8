/** What `commit` did, as an answer. */

import {
  type Changed,
  type CommitOutcome,
  type Refused,
  versionBytes,
  versionBytesLength,
  versionFromBytes,
} from "@everdict/protocol";
import type { ByteSink } from "../frames/byte-sink.ts";
import type { ByteSource } from "../frames/byte-source.ts";
import { SessionProtocolError } from "../frames/session-protocol-error.ts";
import type { Codec } from "./info-messages.ts";

/** The first byte: 0 if it was committed, else by one more than the place here why not. */
const reasons = ["condition", "not_a_number", "out_of_bounds"] as const;
const committedByte = 0;
/** What is known of a change, as bits. */
const ChangedField = { version: 1, value: 2 } as const;
const changedMinBytes = 1;

/** The results of the changes, or what failed. */
export const outcomeCodec: Codec<CommitOutcome> = {
  room: (outcome) => (outcome.committed ? resultsRoom(outcome.results) : 6 + versionBytesLength),
  write: (sink, outcome) => {
    if (!outcome.committed) {
      writeRefused(sink, outcome);
      return;
    }
    sink.u8(committedByte);
    sink.u32(outcome.results.length);
    for (const result of outcome.results) writeChanged(sink, result);
  },
  read: (source) => {
    const byte = source.u8();
    if (byte !== committedByte) return readRefused(source, byte);
    const count = source.announced(source.u32(), changedMinBytes, "results");
    return { committed: true, results: Array.from({ length: count }, () => readChanged(source)) };
  },
  raws: (outcome) =>
    outcome.committed ? outcome.results.flatMap(({ value }) => (value === undefined ? [] : [value])) : [],
};

function resultsRoom(results: readonly Changed[]): number {
  let bytes = 5;
  for (const { value } of results) {
    bytes += changedMinBytes + versionBytesLength + (value === undefined ? 0 : 4 + value.length);
  }
  return bytes;
}

function writeChanged(sink: ByteSink, { version, value }: Changed): void {
  sink.u8(
    (version === undefined ? 0 : ChangedField.version) | (value === undefined ? 0 : ChangedField.value),
  );
  if (version !== undefined) sink.raw(versionBytes(version));
  if (value !== undefined) sink.sized(value);
}

function readChanged(source: ByteSource): Changed {
  const fields = source.u8();
  const version = fields & ChangedField.version ? readVersion(source) : undefined;
  return fields & ChangedField.value ? { version, value: source.sized() } : { version };
}

function writeRefused(sink: ByteSink, { reason, index, found }: Refused): void {
  sink.u8(1 + reasons.indexOf(reason));
  sink.u32(index);
  sink.u8(found === undefined ? 0 : 1);
  if (found !== undefined) sink.raw(versionBytes(found));
}

function readRefused(source: ByteSource, byte: number): Refused {
  const reason = reasons[byte - 1];
  if (reason === undefined) throw new SessionProtocolError(`a refusal of kind ${byte}`);
  const index = source.u32();
  return { committed: false, reason, index, found: source.u8() === 0 ? undefined : readVersion(source) };
}

function readVersion(source: ByteSource) {
  return versionFromBytes(source.view(versionBytesLength));
}
