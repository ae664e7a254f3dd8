/** Short words for commits, with texts for bytes; and numbers as CPython pickles them. */

import assert from "node:assert/strict";
import type { AddChange, Change, Changed, CommitOutcome, Condition, TimeToLiveMs } from "@everdict/protocol";
import { type BytesLike, bytes } from "./bytes.ts";

/** Writes an entry. */
export function put(key: BytesLike, value: BytesLike, ttlMs?: TimeToLiveMs): Change {
  return { kind: "put", key: bytes(key), value: bytes(value), ttlMs };
}

/** Removes an entry. */
export function remove(key: BytesLike): Change {
  return { kind: "remove", key: bytes(key) };
}

/** Moves the end of an entry. */
export function touch(key: BytesLike, ttlMs?: TimeToLiveMs): Change {
  return { kind: "touch", key: bytes(key), ttlMs };
}

/** Adds to a number. */
export function add(
  key: BytesLike,
  by: number,
  more: Omit<Partial<AddChange>, "key" | "by"> = {},
): AddChange {
  return { kind: "add", key: bytes(key), by: number(by), ...more };
}

/** A condition. */
export function when(key: BytesLike, expected: Condition["expected"]): Condition {
  return { key: bytes(key), expected };
}

/** What became of the changes of a commit that must have been made. */
export function results(outcome: CommitOutcome): readonly Changed[] {
  assert.ok(outcome.committed, `refused: ${JSON.stringify(outcome)}`);
  return outcome.results;
}

/** Why, where and on what a commit must have been refused. */
export function refusal(outcome: CommitOutcome): [string, number, string | undefined] {
  assert.ok(!outcome.committed, "everything was changed");
  return [outcome.reason, outcome.index, outcome.found];
}

const int1Max = 0xff;
const int2Max = 0xffff;

/** A number as CPython pickles it at protocol 4: an int if it is a whole one of 32 bits, else a float. */
export function number(value: number): Uint8Array {
  if (value !== (value | 0)) return floatNumber(value);
  if (value >= 0 && value <= int1Max) return Uint8Array.of(0x80, 4, 0x4b, value, 0x2e);
  const isShort = value >= 0 && value <= int2Max;
  const body = new Uint8Array(isShort ? 4 : 6);
  const view = new DataView(body.buffer);
  body[0] = isShort ? 0x4d : 0x4a;
  if (isShort) view.setUint16(1, value, true);
  else view.setInt32(1, value, true);
  return framed(body);
}

/** The int of {@link number}. */
export function numberIn(pickle: Uint8Array): number {
  const view = new DataView(pickle.buffer, pickle.byteOffset, pickle.length);
  const at = pickle[2] === 0x95 ? 11 : 2;
  switch (pickle[at]) {
    case 0x4b:
      return view.getUint8(at + 1);
    case 0x4d:
      return view.getUint16(at + 1, true);
    case 0x4a:
      return view.getInt32(at + 1, true);
    default:
      assert.fail(`not an int of 32 bits: ${Buffer.from(pickle).toString("hex")}`);
  }
}

/** A float as CPython pickles it at protocol 4. */
export function floatNumber(value: number): Uint8Array {
  const body = new Uint8Array(10);
  body[0] = 0x47;
  new DataView(body.buffer).setFloat64(1, value);
  return framed(body);
}

/** An int of these bytes (two's complement, the least significant first), in the form `LONG1` or `LONG4`. */
export function longNumber(form: "LONG1" | "LONG4", ...data: readonly number[]): Uint8Array {
  const head = form === "LONG1" ? [0x8a, data.length] : [0x8b, data.length, 0, 0, 0];
  return framed(Uint8Array.of(...head, ...data, 0x2e));
}

/** Puts the stop behind it, and a frame around it. */
function framed(body: Uint8Array): Uint8Array {
  body[body.length - 1] = 0x2e;
  const head = Uint8Array.of(0x80, 4, 0x95, 0, 0, 0, 0, 0, 0, 0, 0);
  new DataView(head.buffer).setUint32(3, body.length, true);
  return Uint8Array.of(...head, ...body);
}
