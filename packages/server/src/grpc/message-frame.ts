import type { GrpcMessage } from "./grpc-method.ts";

/**
 * The length-prefixed message of gRPC: one flag byte (0: not compressed), the length as 32 bits big endian,
 * the message. See "PROTOCOL-HTTP2.md" of the gRPC project, section "Requests".
 */

/** Bytes before every message. */
export const framePrefixBytes = 5;

/** Below this size a copy into one buffer costs less than a second write. */
const copyMaxBytes = 32 * 1024;

/** A message as the pieces to write: one buffer, or the prefix and, uncopied, the message. */
export function framePieces(message: GrpcMessage): readonly [head: Uint8Array, body?: Uint8Array] {
  if ("body" in message) {
    const head = Buffer.allocUnsafe(framePrefixBytes + message.head.length);
    writeFramePrefix(head, 0, message.length);
    head.set(message.head, framePrefixBytes);
    return [head, message.body];
  }
  const copied = message.length <= copyMaxBytes;
  const head = Buffer.allocUnsafe(framePrefixBytes + (copied ? message.length : 0));
  writeFramePrefix(head, 0, message.length);
  if (!copied) return [head, message];
  head.set(message, framePrefixBytes);
  return [head];
}

/** Writes the prefix of an uncompressed message. */
export function writeFramePrefix(target: Buffer, offset: number, messageBytes: number): void {
  target[offset] = 0;
  target.writeUInt32BE(messageBytes, offset + 1);
}
