/**
 * A parser for RESP2, the protocol of Redis and Valkey: bytes in, in pieces of any size; replies out, in order.
 *
 * Nothing is ever parsed twice. A line that is cut off waits for its rest (lines are short); the body of a bulk
 * string that is cut off is copied into its final buffer as it comes, so that a large value costs one copy.
 * Short bulk strings are copied too: a view would keep the socket's whole chunk alive as long as the value is.
 *
 * https://redis.io/docs/latest/develop/reference/protocol-spec/
 */

import { type Reply, ReplyError } from "./reply.ts";

const carriageReturn = 13;
const typeSimple = 43; // +
const typeError = 45; // -
const typeInteger = 58; // :
const typeBulk = 36; // $
const typeArray = 42; // *

interface OpenArray {
  readonly items: Reply[];
  readonly length: number;
}

/** Parses one connection's replies. */
export class RespParser {
  readonly #onReply: (reply: Reply) => void;
  /** The beginning of a line that is not complete yet. */
  #rest: Buffer | undefined;
  /** The bulk string being received, and how much of it and its line end is still missing. */
  #bulk: Buffer | undefined;
  #bulkMissingBytes = 0;
  readonly #open: OpenArray[] = [];

  /** @param onReply told every reply, in order. */
  constructor(onReply: (reply: Reply) => void) {
    this.#onReply = onReply;
  }

  /**
   * Takes the next bytes.
   *
   * @throws `Error` for what is not RESP2; the connection is of no use any more then.
   */
  push(received: Buffer): void {
    let chunk = received;
    if (this.#rest !== undefined) {
      chunk = Buffer.concat([this.#rest, received]);
      this.#rest = undefined;
    }
    let position = 0;
    while (position < chunk.length) {
      if (this.#bulk !== undefined) {
        position = this.#continueBulk(chunk, position);
        continue;
      }
      const end = lineEnd(chunk, position);
      // The line ends with two bytes; only with the second one it is known to be complete.
      if (end < 0 || end + 1 >= chunk.length) {
        this.#rest = chunk.subarray(position);
        return;
      }
      this.#line(chunk, position, end);
      position = end + 2;
    }
  }

  #line(chunk: Buffer, start: number, end: number): void {
    switch (chunk[start]) {
      case typeInteger:
        this.#complete(integer(chunk, start + 1, end));
        return;
      case typeBulk: {
        const length = integer(chunk, start + 1, end);
        if (length < 0) {
          this.#complete(null);
          return;
        }
        this.#bulk = Buffer.allocUnsafe(length);
        this.#bulkMissingBytes = length + 2;
        return;
      }
      case typeArray: {
        const length = integer(chunk, start + 1, end);
        if (length < 0) {
          this.#complete(null);
          return;
        }
        if (length === 0) {
          this.#complete([]);
          return;
        }
        this.#open.push({ items: [], length });
        return;
      }
      case typeSimple:
        this.#complete(chunk.toString("latin1", start + 1, end));
        return;
      case typeError:
        this.#complete(new ReplyError(chunk.toString("utf8", start + 1, end)));
        return;
      default:
        throw new Error(`a reply begins with byte ${chunk[start]}, which is no type of RESP2`);
    }
  }

  #continueBulk(chunk: Buffer, position: number): number {
    const bulk = this.#bulk!;
    const bodyMissingBytes = this.#bulkMissingBytes - 2;
    if (bodyMissingBytes > 0) {
      chunk.copy(bulk, bulk.length - bodyMissingBytes, position, position + bodyMissingBytes);
    }
    const takenBytes = Math.min(this.#bulkMissingBytes, chunk.length - position);
    this.#bulkMissingBytes -= takenBytes;
    if (this.#bulkMissingBytes === 0) {
      this.#bulk = undefined;
      this.#complete(bulk);
    }
    return position + takenBytes;
  }

  #complete(reply: Reply): void {
    let complete = reply;
    for (;;) {
      const array = this.#open.at(-1);
      if (array === undefined) {
        this.#onReply(complete);
        return;
      }
      array.items.push(complete);
      if (array.items.length < array.length) return;
      this.#open.pop();
      complete = array.items;
    }
  }
}

/** Where the line from a position on ends; -1 if it goes on. Lines are short: not worth a call into the platform. */
function lineEnd(chunk: Buffer, position: number): number {
  for (let index = position; index < chunk.length; index++) {
    if (chunk[index] === carriageReturn) return index;
  }
  return -1;
}

function integer(chunk: Buffer, start: number, end: number): number {
  const negative = chunk[start] === 45;
  let value = 0;
  for (let index = negative ? start + 1 : start; index < end; index++) {
    const digit = chunk[index]! - 48;
    if (digit < 0 || digit > 9) throw new Error(`byte ${chunk[index]} stands where a digit must be`);
    value = value * 10 + digit;
  }
  return negative ? -value : value;
}
