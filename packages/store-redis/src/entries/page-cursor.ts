/**
 * Cursors of pages: where the next page begins. Nothing in them belongs to a server or a node.
 *
 * | bytes | |
 * | --- | --- |
 * | 0 | the form, 1 |
 * | 1-4 | a check over the dictionary's id and the rest |
 * | 5-12 | which iteration it is: random bytes |
 * | 13-14 | the shard |
 * | 15-19 | the hash of the last key, plus one; 0: the shard has not begun |
 * | 20-35 | the mark of the last key |
 */

import { createHash, randomBytes } from "node:crypto";
import { createError } from "@everdict/protocol";
import type { OpenDict } from "../registry/open-dict.ts";
import { markBytes, type Position } from "./key-order.ts";

/** Where a page begins. */
export interface PageCursor {
  /** Tells what was read for this iteration from what was read for others. */
  readonly iteration: string;
  readonly shard: number;
  /** Undefined: the beginning of the shard. */
  readonly position: Position | undefined;
}

const form = 1;
const checkBytes = 4;
const bodyStart = 1 + checkBytes;
const iterationBytes = 8;
const cursorBytes = bodyStart + iterationBytes + 2 + 5 + markBytes;

/** Where the first page begins. */
export function firstCursor(): PageCursor {
  return { iteration: randomBytes(iterationBytes).toString("hex"), shard: 0, position: undefined };
}

/** The cursor as its caller keeps it. */
export function encodeCursor({ id }: OpenDict, { iteration, shard, position }: PageCursor): Uint8Array {
  const cursor = Buffer.alloc(cursorBytes);
  cursor[0] = form;
  let at = bodyStart + cursor.write(iteration, bodyStart, "hex");
  at = cursor.writeUInt16BE(shard, at);
  at = cursor.writeUIntBE(position === undefined ? 0 : position.hash + 1, at, 5);
  if (position !== undefined) cursor.set(position.mark, at);
  cursor.set(checkOf(id, cursor), 1);
  return cursor;
}

/** Reads a cursor. @throws `invalid_argument` if it is none of this dictionary */
export function decodeCursor({ id, shards }: OpenDict, bytes: Uint8Array): PageCursor {
  const cursor = Buffer.from(bytes);
  const isOurs =
    cursor.length === cursorBytes &&
    cursor[0] === form &&
    checkOf(id, cursor).equals(cursor.subarray(1, bodyStart)) &&
    cursor.readUInt16BE(bodyStart + iterationBytes) < shards.length;
  if (!isOurs) throw createError("invalid_argument", "the cursor is not one of this dictionary");
  const at = bodyStart + iterationBytes;
  const hash = cursor.readUIntBE(at + 2, 5) - 1;
  return {
    iteration: cursor.toString("hex", bodyStart, at),
    shard: cursor.readUInt16BE(at),
    position: hash < 0 ? undefined : { hash, mark: cursor.subarray(at + 7) },
  };
}

function checkOf(dictId: string, cursor: Buffer): Buffer {
  const hash = createHash("sha256").update(dictId).update(cursor.subarray(bodyStart));
  return hash.digest().subarray(0, checkBytes);
}
