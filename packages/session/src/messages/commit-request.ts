/** What `commit` checks and changes. */

import {
  type AddChange,
  type Change,
  type CommitRequest,
  type Condition,
  versionBytes,
  versionBytesLength,
  versionFromBytes,
} from "@everdict/protocol";
import type { ByteSink } from "../frames/byte-sink.ts";
import type { ByteSource } from "../frames/byte-source.ts";
import { SessionProtocolError } from "../frames/session-protocol-error.ts";
import { readCounted } from "./counted-list.ts";
import type { RequestCodec } from "./request-codec.ts";
import { readTimeToLive, timeToLiveBytes, writeTimeToLive } from "./time-to-live.ts";

const ExpectedByte = { absent: 0, present: 1, version: 2 } as const;
const ChangeByte = { put: 0, remove: 1, add: 2, touch: 3 } as const;
/** Which numbers of an addition follow, as bits. */
const AddField = { initial: 1, min: 2, max: 4 } as const;

/** A kind, and the length of a key. */
const conditionMinBytes = 5;
const changeMinBytes = 5;

/** The conditions, then the changes, each behind their number. */
export const commitCodec: RequestCodec<CommitRequest> = {
  room: ({ conditions, changes }) => {
    let bytes = 8;
    for (const { key } of conditions) bytes += conditionMinBytes + key.length + versionBytesLength;
    for (const change of changes) bytes += changeRoom(change);
    return bytes;
  },
  write: (sink, request) => {
    writeConditions(sink, request.conditions);
    sink.u32(request.changes.length);
    for (const change of request.changes) writeChange(sink, change);
  },
  read: (source, requestMaxEntries) => {
    const conditions = readCounted(
      source,
      { count: source.u32(), itemMinBytes: conditionMinBytes, items: "conditions", read: readCondition },
      requestMaxEntries,
    );
    const changes = readCounted(
      source,
      { count: source.u32(), itemMinBytes: changeMinBytes, items: "changes", read: readChange },
      requestMaxEntries,
    );
    source.finish();
    return { conditions, changes };
  },
  raws: ({ conditions, changes }) => [
    ...conditions.map(({ key }) => key),
    ...changes.flatMap((change) => [change.key, ...bytesOf(change)]),
  ],
};

/** What a change holds besides its key. */
function bytesOf(change: Change): readonly Uint8Array[] {
  if (change.kind === "put") return [change.value];
  return change.kind === "add" ? numbersOf(change) : [];
}

// ---- Conditions ----

function writeConditions(sink: ByteSink, conditions: readonly Condition[]): void {
  sink.u32(conditions.length);
  for (const { key, expected } of conditions) {
    const isVersion = expected !== "absent" && expected !== "present";
    sink.u8(isVersion ? ExpectedByte.version : ExpectedByte[expected]);
    if (isVersion) sink.raw(versionBytes(expected));
    sink.sized(key);
  }
}

function readCondition(source: ByteSource): Condition {
  const expected = readExpected(source);
  return { key: source.sized(), expected };
}

function readExpected(source: ByteSource): Condition["expected"] {
  const byte = source.u8();
  switch (byte) {
    case ExpectedByte.absent:
      return "absent";
    case ExpectedByte.present:
      return "present";
    case ExpectedByte.version:
      return versionFromBytes(source.view(versionBytesLength));
    default:
      throw new SessionProtocolError(`a condition of kind ${byte}`);
  }
}

// ---- Changes ----

function changeRoom(change: Change): number {
  const bytes = changeMinBytes + change.key.length;
  switch (change.kind) {
    case "put":
      return bytes + timeToLiveBytes + 4 + change.value.length;
    case "add":
      return bytes + timeToLiveBytes + 1 + numbersOf(change).reduce((sum, each) => sum + 4 + each.length, 0);
    default:
      return bytes + timeToLiveBytes;
  }
}

function numbersOf({ by, initial, min, max }: AddChange): Uint8Array[] {
  return [by, initial, min, max].filter((each) => each !== undefined);
}

function writeChange(sink: ByteSink, change: Change): void {
  switch (change.kind) {
    case "put":
      sink.u8(ChangeByte.put);
      sink.sized(change.key);
      writeTimeToLive(sink, change.ttlMs);
      sink.sized(change.value);
      return;
    case "remove":
      sink.u8(ChangeByte.remove);
      sink.sized(change.key);
      return;
    case "add":
      writeAddition(sink, change);
      return;
    case "touch":
      sink.u8(ChangeByte.touch);
      sink.sized(change.key);
      writeTimeToLive(sink, change.ttlMs);
  }
}

function writeAddition(sink: ByteSink, change: AddChange): void {
  const { key, initial, min, max, ttlOnCreateMs } = change;
  sink.u8(ChangeByte.add);
  sink.sized(key);
  writeTimeToLive(sink, ttlOnCreateMs);
  sink.u8((initial ? AddField.initial : 0) | (min ? AddField.min : 0) | (max ? AddField.max : 0));
  for (const number of numbersOf(change)) sink.sized(number);
}

function readChange(source: ByteSource): Change {
  const kind = source.u8();
  const key = source.sized();
  switch (kind) {
    case ChangeByte.put: {
      const ttlMs = readTimeToLive(source);
      return { kind: "put", key, ttlMs, value: source.sized() };
    }
    case ChangeByte.remove:
      return { kind: "remove", key };
    case ChangeByte.add:
      return readAddition(source, key);
    case ChangeByte.touch:
      return { kind: "touch", key, ttlMs: readTimeToLive(source) };
    default:
      throw new SessionProtocolError(`a change of kind ${kind}`);
  }
}

function readAddition(source: ByteSource, key: Uint8Array): AddChange {
  const ttlOnCreateMs = readTimeToLive(source);
  const fields = source.u8();
  const by = source.sized();
  const initial = fields & AddField.initial ? source.sized() : undefined;
  const min = fields & AddField.min ? source.sized() : undefined;
  const max = fields & AddField.max ? source.sized() : undefined;
  return { kind: "add", key, by, initial, min, max, ttlOnCreateMs };
}
