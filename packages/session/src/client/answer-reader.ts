import type { ByteSource } from "../frames/byte-source.ts";
import { SessionProtocolError } from "../frames/session-protocol-error.ts";
import { FrameType } from "../frames/wire.ts";
import {
  dictInfoCodec,
  dictInfosCodec,
  environmentInfoCodec,
  environmentInfosCodec,
} from "../messages/info-messages.ts";

const value = [FrameType.value, FrameType.absent];
const flag = [FrameType.flag];
const done = [FrameType.done];

/** Which answers, errors aside, end a request of each type. */
const answersOf: Readonly<Record<number, readonly number[]>> = {
  [FrameType.get]: value,
  [FrameType.pop]: value,
  [FrameType.contains]: flag,
  [FrameType.update]: flag,
  [FrameType.putIfAbsent]: flag,
  [FrameType.len]: [FrameType.count],
  [FrameType.clear]: done,
  [FrameType.contents]: done,
  [FrameType.getOrCreateDict]: [FrameType.dictInfo],
  [FrameType.getDictById]: [FrameType.dictInfo],
  [FrameType.deleteDict]: done,
  [FrameType.heartbeat]: done,
  [FrameType.listDicts]: [FrameType.dictInfos],
  [FrameType.listEnvironments]: [FrameType.environmentInfos],
  [FrameType.getOrCreateEnvironment]: [FrameType.environmentInfo],
  [FrameType.updateEnvironment]: [FrameType.environmentInfo],
  [FrameType.deleteEnvironment]: done,
};

/** Reads the answer to a request. @throws SessionProtocolError if it is no answer to such a request */
export function readAnswer(requestType: number, answerType: number, source: ByteSource): unknown {
  if (!answersOf[requestType]?.includes(answerType)) {
    throw new SessionProtocolError(`an answer of type ${answerType} to a request of type ${requestType}`);
  }
  switch (answerType) {
    case FrameType.value:
      return source.rest();
    case FrameType.flag:
      return source.u8() === 1;
    case FrameType.count:
      return source.u64();
    case FrameType.dictInfo:
      return dictInfoCodec.read(source);
    case FrameType.dictInfos:
      return dictInfosCodec.read(source);
    case FrameType.environmentInfo:
      return environmentInfoCodec.read(source);
    case FrameType.environmentInfos:
      return environmentInfosCodec.read(source);
    default:
      return undefined;
  }
}
