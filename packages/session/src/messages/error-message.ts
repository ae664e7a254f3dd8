import { createError, type ErrorCode, type EverdictError, errorTable } from "@everdict/protocol";
import { type ByteSink, textRoom } from "../frames/byte-sink.ts";
import type { ByteSource } from "../frames/byte-source.ts";

const messageMaxUnits = 2000;

/** The most bytes that an error may take. */
export function errorRoom(error: EverdictError): number {
  return textRoom(error.code) + 4 + 3 * Math.min(error.message.length, messageMaxUnits) + 5;
}

/** Writes the content of an ERROR or a GOODBYE: code, message, and how long to wait if the error says so. */
export function writeError(sink: ByteSink, error: EverdictError): void {
  const { code, message, retryAfterMs } = error;
  sink.text(code);
  sink.text(message.length > messageMaxUnits ? message.slice(0, messageMaxUnits) : message);
  sink.u8(retryAfterMs === undefined ? 0 : 1);
  if (retryAfterMs !== undefined) sink.u32(Math.min(Math.max(0, Math.ceil(retryAfterMs)), 0xffff_ffff));
}

/** Reads it again. A code that this version does not know becomes `unknown` and stays readable in the message. */
export function readError(source: ByteSource): EverdictError {
  const code = source.text();
  const message = source.text();
  const retryAfterMs = source.u8() === 1 ? source.u32() : undefined;
  if (Object.hasOwn(errorTable, code)) return createError(code as ErrorCode, message, { retryAfterMs });
  return createError("unknown", `${code}: ${message}`, { retryAfterMs });
}
