import type { ByteSource } from "../frames/byte-source.ts";
import { SessionProtocolError } from "../frames/session-protocol-error.ts";
import type { MethodFrame } from "../messages/method-frames.ts";

/** Reads the answer to a request. @throws SessionProtocolError if it is no answer to such a request */
export function readAnswer({ type, answer }: MethodFrame, answerType: number, source: ByteSource): unknown {
  if (!answer.types.includes(answerType)) {
    throw new SessionProtocolError(`an answer of type ${answerType} to a request of type ${type}`);
  }
  return answer.read(source, answerType);
}
