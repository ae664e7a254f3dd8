import { ByteSink, textRoom } from "../frames/byte-sink.ts";
import { type Outbox, totalLength } from "../frames/outbox.ts";
import { dictIdLength, FrameType, namesDict, RequestFlag, timeoutMaxMs } from "../frames/wire.ts";
import { entriesBytes, writeEntries } from "../messages/entries-message.ts";
import type { Codec } from "../messages/info-messages.ts";
import {
  deleteEnvironmentCodec,
  getOrCreateDictCodec,
  getOrCreateEnvironmentCodec,
  listDictsCodec,
  updateEnvironmentCodec,
} from "../messages/management-requests.ts";
import type { DictNumbers } from "./dict-numbers.ts";
import { streamWindowBytes } from "./incoming-stream.ts";
import type { Operation } from "./operation.ts";

/**
 * Requests as frames: flags, what the flags announce, the dictionary, the content. Small ones go in one frame
 * and name the dictionary by number; large ones go in parts and name it by text, as numbers may change meanwhile.
 */

/** The codecs of requests whose content is an object. */
const managementCodecs = {
  [FrameType.getOrCreateDict]: getOrCreateDictCodec,
  [FrameType.listDicts]: listDictsCodec,
  [FrameType.getOrCreateEnvironment]: getOrCreateEnvironmentCodec,
  [FrameType.updateEnvironment]: updateEnvironmentCodec,
  [FrameType.deleteEnvironment]: deleteEnvironmentCodec,
} as Readonly<Record<number, unknown>> as Readonly<Record<number, Codec<unknown> | undefined>>;

/** Flags, a timeout, a key number, a dictionary number. */
const fixedRoom = 1 + 4 + 4 + 4;

/** About what a request takes on the wire. */
export function requestBytes(
  type: number,
  dictId: string,
  content: {
    readonly key?: Uint8Array | undefined;
    readonly entries?: Operation["entries"];
    readonly detail?: unknown;
  },
): number {
  const { key, entries, detail } = content;
  let bytes = fixedRoom + textRoom(dictId);
  if (key !== undefined) bytes += key.length;
  if (entries !== undefined) bytes += entriesBytes(entries);
  if (detail !== undefined) bytes += managementCodecs[type]?.room(detail) ?? 0;
  return bytes;
}

/** Writes a request. `timeoutMs` is what the server should know of the caller's own deadline. */
export function writeRequest(
  outbox: Outbox,
  operation: Operation,
  dicts: DictNumbers,
  timeoutMs: number | undefined,
): void {
  const { type, id, dictId, keyText } = operation;
  const room = operation.bytes + (keyText === undefined ? 0 : textRoom(keyText));
  if (room > outbox.wholeMaxBytes) {
    const pieces = requestPieces(operation, room, timeoutMs);
    const totalBytes = totalLength(pieces);
    const onPart = (sentBytes: number) => operation.movedTo(sentBytes);
    outbox.transfer({ type, id, pieces, totalBytes, onPart });
    return;
  }
  // What is longer than an id has no number, and the server says that there is no such dictionary.
  const hasNumber = namesDict(type) && dictId.length <= dictIdLength;
  const dictNumber = hasNumber ? dicts.numberOf(dictId) : -1;
  const sink = outbox.begin(type, id, room);
  try {
    writeHead(sink, operation, dictNumber, timeoutMs);
    writeContent(sink, operation);
  } catch (caught) {
    outbox.rollBack();
    throw caught;
  }
  outbox.end();
}

/** A large request as it stands; one large value is sent from where it is. */
function requestPieces(operation: Operation, room: number, timeoutMs: number | undefined): Uint8Array[] {
  const { entries } = operation;
  const [only] = entries ?? [];
  if (only === undefined || entries?.length !== 1) {
    const sink = new ByteSink(new Uint8Array(room));
    writeHead(sink, operation, -1, timeoutMs);
    writeContent(sink, operation);
    return [sink.bytes.subarray(0, sink.position)];
  }
  const sink = new ByteSink(new Uint8Array(room - only.key.length - only.value.length));
  writeHead(sink, operation, -1, timeoutMs);
  sink.u32(1);
  sink.u32(only.key.length);
  sink.u32(only.value.length);
  return [sink.bytes.subarray(0, sink.position), only.key, only.value];
}

/** @param dictNumber -1: by text */
function writeHead(
  sink: ByteSink,
  operation: Operation,
  dictNumber: number,
  timeoutMs: number | undefined,
): void {
  const { type, dictId, keyNumber, keyText } = operation;
  const byText = dictNumber < 0 && namesDict(type);
  const hasTimeout = timeoutMs !== undefined && timeoutMs <= timeoutMaxMs;
  sink.u8(
    (hasTimeout ? RequestFlag.timeout : 0) |
      (keyNumber >= 0 ? RequestFlag.keyNumber : 0) |
      (keyText !== undefined ? RequestFlag.keyText : 0) |
      (byText ? RequestFlag.dictText : 0),
  );
  if (hasTimeout) sink.u32(Math.ceil(timeoutMs));
  if (keyNumber >= 0) sink.u32(keyNumber);
  if (keyText !== undefined) sink.text(keyText);
  if (byText) sink.text(dictId);
  else if (dictNumber >= 0) sink.u32(dictNumber);
}

function writeContent(sink: ByteSink, operation: Operation): void {
  const { type, key, entries, detail } = operation;
  if (key !== undefined) sink.raw(key);
  else if (entries !== undefined) writeEntries(sink, entries);
  else if (type === FrameType.contents) {
    sink.u8(detail as number);
    sink.u32(streamWindowBytes);
  } else if (detail !== undefined) managementCodecs[type]?.write(sink, detail);
}
