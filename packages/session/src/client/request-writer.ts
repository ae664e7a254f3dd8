import type { Method, RequestOf } from "@everdict/protocol";
import { type ByteSink, textRoom } from "../frames/byte-sink.ts";
import { PieceSink } from "../frames/piece-sink.ts";
import { dictIdLength, RequestFlag, timeoutMaxMs } from "../frames/wire.ts";
import { totalLength, type WriteBuffer } from "../frames/write-buffer.ts";
import type { MethodFrame } from "../messages/method-frames.ts";
import type { DictNumbers } from "./dict-numbers.ts";
import type { Operation } from "./operation.ts";

/**
 * Writes requests as frames: flags, the fields that the flags announce, the dictionary, the content. A small request
 * goes in one frame and names the dictionary by number. A large one goes in parts and names it by text, because numbers
 * may change meanwhile.
 */

/** Flags, a timeout, a key number, a dictionary number. */
const fixedRoom = 1 + 4 + 4 + 4;

/** About what a request takes on the wire. */
export function requestBytes<M extends Method>(
  { request }: MethodFrame<M>,
  dictId: string,
  content: RequestOf<M>,
): number {
  return fixedRoom + textRoom(dictId) + request.room(content);
}

/** Writes a request. `timeoutMs` is the caller's own deadline, as far as the server should know it. */
export function writeRequest(
  writeBuffer: WriteBuffer,
  operation: Operation,
  dicts: DictNumbers,
  timeoutMs: number | undefined,
): void {
  const { frame, id, dictId, idempotencyKey } = operation;
  const { type } = frame;
  const room = operation.bytes + (typeof idempotencyKey === "string" ? textRoom(idempotencyKey) : 0);
  if (room > writeBuffer.wholeMaxBytes) {
    const pieces = requestPieces(operation, room, timeoutMs);
    const totalBytes = totalLength(pieces);
    const onPart = (sentBytes: number) => operation.movedTo(sentBytes);
    writeBuffer.transfer({ type, id, pieces, totalBytes, onPart });
    return;
  }
  // What is longer than an id has no number, and the server says that there is no such dictionary.
  const hasNumber = frame.namesDict && dictId.length <= dictIdLength;
  const dictNumber = hasNumber ? dicts.numberOf(dictId) : -1;
  const sink = writeBuffer.begin(type, id, room);
  try {
    writeHead(sink, operation, dictNumber, timeoutMs);
    frame.request.write(sink, operation.content);
  } catch (caught) {
    writeBuffer.rollBack();
    throw caught;
  }
  writeBuffer.end();
}

/** A large request as it stands; large values are sent from where they are. */
function requestPieces(operation: Operation, room: number, timeoutMs: number | undefined) {
  const { frame, content } = operation;
  const sink = new PieceSink(room, frame.request.raws?.(content) ?? []);
  writeHead(sink, operation, -1, timeoutMs);
  frame.request.write(sink, content);
  return sink.pieces();
}

/** @param dictNumber -1: by text */
function writeHead(
  sink: ByteSink,
  operation: Operation,
  dictNumber: number,
  timeoutMs: number | undefined,
): void {
  const { frame, dictId, idempotencyKey } = operation;
  const byText = dictNumber < 0 && frame.namesDict;
  const hasTimeout = timeoutMs !== undefined && timeoutMs <= timeoutMaxMs;
  sink.u8(
    (hasTimeout ? RequestFlag.timeout : 0) |
      (typeof idempotencyKey === "number" ? RequestFlag.idempotencyKeyNumber : 0) |
      (typeof idempotencyKey === "string" ? RequestFlag.idempotencyKeyText : 0) |
      (byText ? RequestFlag.dictText : 0),
  );
  if (hasTimeout) sink.u32(Math.ceil(timeoutMs));
  if (typeof idempotencyKey === "number") sink.u32(idempotencyKey);
  else if (idempotencyKey !== undefined) sink.text(idempotencyKey);
  if (byText) sink.text(dictId);
  else if (dictNumber >= 0) sink.u32(dictNumber);
}
