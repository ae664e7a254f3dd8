import {
  type ConnectionMemory,
  createError,
  limitDefaults,
  StallClock,
  smallRequestMaxBytes,
} from "@everdict/protocol";
import { declaredBytes, framePrefixBytes, type MessageBounds } from "./message-frame.ts";

/** What bounds a reader. */
export interface RequestBounds extends MessageBounds {
  /** Where what has arrived counts. */
  readonly memory: ConnectionMemory;
}

/** The first buffer of a message that arrives in parts. */
const firstBufferBytes = 16 * 1024;
/**
 * Who sent more than this gets room for the whole message. It is taken from the system only as bytes arrive, and a
 * larger buffer would be copied in one turn: 64 MiB take 30 ms.
 */
const copiedMaxBytes = 4 * 1024 * 1024;

const nothing: Buffer = Buffer.alloc(0);

/**
 * Reads the one message of a unary request from the chunks it arrives in, however they are cut.
 *
 * Memory follows what really arrived, never what the prefix declares: a message in one chunk is used where it
 * lies; one in parts is gathered in a buffer that grows by four up to the declared size. A length above the
 * limit is refused as soon as its prefix is there.
 */
export class UnaryRequestReader {
  readonly #bounds: RequestBounds;
  /** The beginning of a prefix that arrives in parts. */
  #prefix = nothing;
  /** What the prefix declares; negative until it is there. */
  #declaredBytes = -1;
  #message: Uint8Array = nothing;
  /** Bytes of the message that arrived. */
  #receivedBytes = 0;
  readonly #progress = new StallClock();

  constructor(bounds: RequestBounds) {
    this.#bounds = bounds;
  }

  /**
   * Takes the next chunk; the reader keeps it.
   *
   * @throws `request_too_large`, `overloaded`, `unimplemented` for a compressed or a second message,
   *   `invalid_argument` for a broken prefix
   */
  push(chunk: Buffer): void {
    const rest = this.#declaredBytes >= 0 ? chunk : this.#readPrefix(chunk);
    if (rest.length === 0) return;
    if (rest.length > this.#declaredBytes - this.#receivedBytes) {
      throw createError(
        "unimplemented",
        "the request holds more than one message, this RPC takes exactly one",
      );
    }
    if (!this.#bounds.memory.take(this.#kind, rest.length)) {
      const message = `there is no room for ${this.#declaredBytes} bytes of a request at this moment`;
      throw createError("overloaded", message, { retryAfterMs: 500 });
    }
    this.#append(rest);
  }

  /** The message, once the request has ended. @throws `unimplemented` for none, `invalid_argument` for a part of one */
  finish(): Uint8Array {
    if (this.#receivedBytes === this.#declaredBytes) return this.#message;
    if (this.#declaredBytes < 0 && this.#prefix.length === 0) {
      throw createError("unimplemented", "the request holds no message, this RPC takes exactly one");
    }
    throw createError("invalid_argument", "the request ended in the middle of its message");
  }

  /** Gives the message's memory back to the account. Safe to repeat. */
  release(): void {
    this.#bounds.memory.change(this.#kind, -this.#receivedBytes);
    this.#receivedBytes = 0;
    this.#message = nothing;
  }

  /** To be called once in `clientStallMs`: whether the rest of the request does not come. */
  standsStill(): boolean {
    return this.#progress.standsStill(this.#receivedBytes, limitDefaults.progressMinBytes);
  }

  get #kind(): "requests" | "smallRequests" {
    return this.#declaredBytes <= smallRequestMaxBytes ? "smallRequests" : "requests";
  }

  /** Answers what follows the prefix. */
  #readPrefix(chunk: Buffer): Buffer {
    const start = this.#prefix.length === 0 ? chunk : Buffer.concat([this.#prefix, chunk]);
    if (start.length < framePrefixBytes) {
      this.#prefix = start;
      return nothing;
    }
    this.#prefix = nothing;
    this.#declaredBytes = declaredBytes(start, this.#bounds);
    return start.subarray(framePrefixBytes);
  }

  #append(part: Uint8Array): void {
    const end = this.#receivedBytes + part.length;
    if (this.#receivedBytes === 0 && end === this.#declaredBytes) {
      this.#message = part;
    } else {
      this.#ensureCapacity(end);
      this.#message.set(part, this.#receivedBytes);
    }
    this.#receivedBytes = end;
  }

  #ensureCapacity(bytes: number): void {
    if (bytes <= this.#message.length) return;
    const grown = Math.max(firstBufferBytes, bytes, this.#message.length * 4);
    const wanted = bytes > copiedMaxBytes ? this.#declaredBytes : Math.min(this.#declaredBytes, grown);
    const larger = Buffer.allocUnsafeSlow(wanted);
    larger.set(this.#message.subarray(0, this.#receivedBytes));
    this.#message = larger;
  }
}
