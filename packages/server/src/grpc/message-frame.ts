import { createError } from "@everdict/protocol";
import type { GrpcMessage } from "./grpc-method.ts";

/**
 * The length-prefixed message of gRPC: one flag byte (0: not compressed), the length as 32 bits big endian,
 * the message. See "PROTOCOL-HTTP2.md" of the gRPC project, section "Requests".
 */

/** Bytes before every message. */
export const framePrefixBytes = 5;

/** Below this size a copy into one buffer costs less than a second write. */
const copyMaxBytes = 32 * 1024;

/** A message as the pieces to write: the prefix, with the first piece if that is small, and then, uncopied, all others. */
export function framePieces(message: GrpcMessage): readonly [head: Uint8Array, ...rest: Uint8Array[]] {
  const pieces = message instanceof Uint8Array ? [message] : message;
  const messageBytes = pieces.reduce((sum, { length }) => sum + length, 0);
  const [first = nothing, ...others] = pieces;
  const isCopied = first.length <= copyMaxBytes;
  const head = Buffer.allocUnsafe(framePrefixBytes + (isCopied ? first.length : 0));
  writeFramePrefix(head, 0, messageBytes);
  if (!isCopied) return [head, first, ...others];
  head.set(first, framePrefixBytes);
  return [head, ...others];
}

const nothing = new Uint8Array(0);

/** Writes the prefix of an uncompressed message. */
export function writeFramePrefix(target: Buffer, offset: number, messageBytes: number): void {
  target[offset] = 0;
  target.writeUInt32BE(messageBytes, offset + 1);
}

/** What bounds a message. */
export interface MessageBounds {
  /** Largest message, in bytes. */
  readonly maxBytes: number;
  /** The request's `grpc-encoding`; decides how a compressed message is refused. */
  readonly encoding: string | undefined;
}

/**
 * The length of the message that a whole prefix announces.
 *
 * @throws `request_too_large`, `invalid_argument` for a broken prefix, `unimplemented` or `internal` for a compressed message
 */
export function declaredBytes(prefix: Buffer, { maxBytes, encoding }: MessageBounds): number {
  const flag = prefix[0];
  if (flag === 1) throw compressedError(encoding);
  if (flag !== 0) throw createError("invalid_argument", `a message begins with ${flag}, not with 0`);
  const bytes = prefix.readUInt32BE(1);
  if (bytes <= maxBytes) return bytes;
  throw createError("request_too_large", `request is ${bytes} bytes, limit is ${maxBytes} bytes`);
}

// "Compression" of the gRPC specification: a compressed message without a declared algorithm is a broken
// message (INTERNAL), one with an algorithm that we lack is a missing feature (UNIMPLEMENTED).
function compressedError(encoding: string | undefined): Error {
  if (encoding === undefined || encoding === "identity") {
    return createError(
      "internal",
      "the message is marked as compressed but the request names no grpc-encoding",
    );
  }
  return createError(
    "unimplemented",
    "compressed messages are not supported, send them with grpc-encoding identity",
  );
}
