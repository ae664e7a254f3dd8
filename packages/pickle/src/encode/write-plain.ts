// Plain objects and arrays, which most values consist of, written by plain recursion. It is twice as fast as frames
// (encode-frame.ts), but it cannot go deep and does not know where in the value it is. So the encoder allows it a few
// levels. When something in a value is refused, the encoder writes the value again by frames alone.

import { refuseUnlessPlain } from "../values/describe-value.ts";
import { hashOfProperty } from "../wire/content-hash.ts";
import { Op } from "../wire/opcodes.ts";
import type { Saver } from "./saver.ts";

const { APPEND, APPENDS, EMPTY_DICT, MARK, SETITEM, SETITEMS } = Op;

/** What CPython writes at once. */
export const BATCH = 1_000;
const hasOwn = Object.prototype.hasOwnProperty;

/** Writes what is in a list. */
export function writeElements(encoder: Saver, items: readonly unknown[]): void {
  const { writer } = encoder;
  const { length } = items;
  if (length === 1) {
    encoder.saveWhole(items[0] === undefined ? null : items[0]);
    writer.writeByte(APPEND);
    return;
  }
  for (let from = 0; from < length; from += BATCH) {
    const end = Math.min(length, from + BATCH);
    // A list's last item goes without a mark only if it is the only one.
    writer.writeByte(MARK);
    for (let index = from; index < end; index++) {
      const item = items[index];
      encoder.saveWhole(item === undefined ? null : item);
    }
    writer.writeByte(APPENDS);
  }
}

/** Writes a plain object with those of its properties that are defined, or a reference if it has been written before. */
export function writeObject(encoder: Saver, source: Readonly<Record<string, unknown>>): void {
  const { writer } = encoder;
  let count = 0;
  // A single pair goes without a mark, so the first waits until there is a second.
  let firstName = "";
  let firstValue: unknown;
  // The loop and the look at the property cost a third of what Object.keys and a look by name do.
  for (const name in source) {
    if (!hasOwn.call(source, name)) {
      refuseUnlessPlain(source);
      continue;
    }
    const value = source[name];
    if (value === undefined) continue;
    count++;
    if (count === 1) {
      if (!encoder.begin(source, EMPTY_DICT, hashOfProperty(name, value))) return;
      // So begin the `arguments` of a function, too.
      if (name === "0") refuseUnlessPlain(source);
      firstName = name;
      firstValue = value;
      continue;
    }
    if (count === 2) {
      writer.writeByte(MARK);
      writePair(encoder, firstName, firstValue);
    } else if (count % BATCH === 1) {
      writer.writeByte(SETITEMS);
      writer.writeByte(MARK);
    }
    writePair(encoder, name, value);
  }
  if (count === 0) {
    refuseUnlessPlain(source);
    encoder.begin(source, EMPTY_DICT, 0);
    return;
  }
  if (count === 1) writePair(encoder, firstName, firstValue);
  writer.writeByte(count === 1 ? SETITEM : SETITEMS);
  if (count % BATCH !== 0) return;
  // CPython looks at the dict's size: a full last batch is followed by an empty one.
  writer.writeByte(MARK);
  writer.writeByte(SETITEMS);
}

function writePair(encoder: Saver, name: string, value: unknown): void {
  const { writer } = encoder;
  writer.boundary();
  writer.writeName(name);
  if (typeof value === "string") {
    writer.boundary();
    writer.writeShared(value);
  } else encoder.saveWhole(value);
}
