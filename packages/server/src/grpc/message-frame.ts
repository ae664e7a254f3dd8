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
