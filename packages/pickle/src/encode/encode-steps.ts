// How the encoder continues what it has begun. Each function writes as much of the topmost level as it can, and returns
// when it has pushed another level or has finished this one.

import { floatMarksOf } from "../values/float-marks.ts";
import type { PyObject } from "../values/py-object.ts";
import { Op, tupleOpcode } from "../wire/opcodes.ts";
import { type EncodeFrame, FrameKind } from "./encode-frame.ts";
import type { Saver } from "./saver.ts";
import { BATCH } from "./write-plain.ts";

const { ADDITEMS, APPEND, APPENDS, FROZENSET, MARK, SETITEM, SETITEMS } = Op;

const constructionOpcodes = { call: Op.REDUCE, new: Op.NEWOBJ, new_keywords: Op.NEWOBJ_EX } as const;

/** Continues a level by its kind. */
export function step(encoder: Saver, frame: EncodeFrame): void {
  switch (frame.kind) {
    case FrameKind.tuple:
      stepTuple(encoder, frame);
      break;
    case FrameKind.object:
      stepObject(encoder, frame, frame.object as PyObject);
      break;
    case FrameKind.persistent:
      stepPersistent(encoder, frame);
      break;
    default:
      stepBatches(encoder, frame);
  }
}

function stepPersistent(encoder: Saver, frame: EncodeFrame): void {
  if (frame.index++ === 0) encoder.save(frame.items[0], false);
  else {
    encoder.writer.writeByte(Op.BINPERSID);
    encoder.pop(frame);
  }
}

// Lists, dicts and sets, and what is appended to or set in objects. CPython looks at the size of a dict or set: a full
// last batch is followed by an empty one. A list's last item goes without a mark only if it is the only one.
function stepBatches(encoder: Saver, frame: EncodeFrame): void {
  const { items, count, unit, hashable, marks } = frame;
  for (;;) {
    while (frame.index < frame.batch) {
      const at = frame.index++;
      const item = items[at];
      if (marks !== undefined && typeof item === "number" && isMarked(frame, item)) encoder.saveFloat(item);
      else if (item === undefined && frame.kind === FrameKind.list) encoder.save(null, false);
      else if (encoder.save(item, hashable || (unit === 2 && (at & 1) === 0))) return;
    }
    if (frame.index > 0) endBatch(encoder, frame);
    if (frame.index >= count) {
      encoder.pop(frame);
      return;
    }
    const remaining = count - frame.index;
    frame.batch = frame.index + Math.min(remaining, BATCH * unit);
    frame.single = remaining === unit && frame.kind !== FrameKind.set && (frame.iterated || count === unit);
    if (!frame.single) encoder.writer.writeByte(MARK);
  }
}

function endBatch(encoder: Saver, frame: EncodeFrame): void {
  const { kind, count, unit } = frame;
  const { writer } = encoder;
  if (kind === FrameKind.list) {
    writer.writeByte(frame.single ? APPEND : APPENDS);
    return;
  }
  const many = kind === FrameKind.set ? ADDITEMS : SETITEMS;
  writer.writeByte(frame.single ? SETITEM : many);
  if (frame.iterated || frame.index < count || count % (BATCH * unit) !== 0) return;
  writer.writeByte(MARK);
  writer.writeByte(many);
}

/** Whether the number just taken from a frame is a float though integral. */
function isMarked(frame: EncodeFrame, item: number): boolean {
  const { items, marks, source, unit } = frame;
  const at = frame.index - 1;
  if (marks === undefined) return false;
  if (unit === 2 && (at & 1) === 1) return marks.values.get(items[at - 1]) === item;
  if (unit === 2 || source instanceof Set) return marks.keys.has(item);
  return marks.elements[at] === item;
}

// Tuples and frozensets: immutable, so they are memoised once they are complete. One that contains itself has been
// completed by an inner visit by then; what was pushed for this visit is dropped again.
function stepTuple(encoder: Saver, frame: EncodeFrame): void {
  const { writer } = encoder;
  const { items, marks, count: length } = frame;
  while (frame.index < length) {
    const item = items[frame.index++];
    if (marks !== undefined && typeof item === "number" && isMarked(frame, item)) encoder.saveFloat(item);
    else if (encoder.save(item === undefined && !frame.hashable ? null : item, frame.hashable)) return;
  }
  const source = frame.source as object;
  const isSet = !Array.isArray(source);
  const known = frame.tracked ? encoder.objects.get(source) : -1;
  if (known >= 0) {
    if (isSet || length > 3) writer.writeByte(Op.POP_MARK);
    else for (let count = 0; count < length; count++) writer.writeByte(Op.POP);
    writer.writeMemoRead(known);
  } else {
    writer.writeByte(isSet ? FROZENSET : tupleOpcode(length));
    const number = writer.memoize();
    if (frame.tracked) encoder.objects.note(source, number);
  }
  encoder.pop(frame);
}

// An object by its construction, then its items, entries, state and setters, in CPython's order.
function stepObject(encoder: Saver, frame: EncodeFrame, object: PyObject): void {
  const source = frame.source as object;
  switch (frame.index++) {
    case 0:
      encoder.save(object.callable, false);
      break;
    case 1:
      encoder.save(object.args, false);
      break;
    case 2:
      if (object.construction === "new_keywords") encoder.save(object.keywords ?? {}, false);
      break;
    case 3:
      endConstruction(encoder, frame, object);
      break;
    case 4:
      beginItems(encoder, source, object);
      break;
    case 5:
      beginEntries(encoder, source, object);
      break;
    case 6:
      if (object.state === undefined) frame.index++;
      else encoder.save(object.state, false);
      break;
    case 7:
      encoder.writer.writeByte(Op.BUILD);
      break;
    default:
      stepSetters(encoder, frame, source, object.setters ?? []);
  }
}

function endConstruction(encoder: Saver, frame: EncodeFrame, { construction }: PyObject): void {
  const { writer } = encoder;
  const source = frame.source as object;
  writer.writeByte(constructionOpcodes[construction]);
  const known = encoder.objects.get(source);
  if (known < 0) {
    encoder.objects.note(source, writer.memoize());
    encoder.constructing.delete(source);
    return;
  }
  // It has been completed by an inner visit, as part of its own arguments.
  writer.writeByte(Op.POP);
  writer.writeMemoRead(known);
  encoder.pop(frame);
}

function beginItems(encoder: Saver, source: object, { items }: PyObject): void {
  if (items === undefined || items.length === 0) return;
  const frame = encoder.push(FrameKind.list, source);
  frame.takeItems(items);
  frame.iterated = true;
  frame.marks = floatMarksOf(items);
}

function beginEntries(encoder: Saver, source: object, { entries }: PyObject): void {
  if (entries === undefined || entries.length === 0) return;
  const frame = encoder.push(FrameKind.map, source);
  frame.takeItems(entries.flat(1));
  frame.iterated = true;
  frame.unit = 2;
}

// Each setter is called with the object and a state, and its result dropped: four steps a setter.
function stepSetters(
  encoder: Saver,
  frame: EncodeFrame,
  source: object,
  setters: NonNullable<PyObject["setters"]>,
): void {
  const at = frame.index - 9;
  const entry = setters[at >> 2];
  if (entry === undefined) {
    encoder.pop(frame);
    return;
  }
  switch (at & 3) {
    case 0:
      encoder.save(entry.setter, false);
      break;
    case 1:
      encoder.saveKnown(source);
      break;
    case 2:
      encoder.save(entry.state, false);
      break;
    default:
      for (const byte of [Op.TUPLE2, Op.REDUCE, Op.POP]) encoder.writer.writeByte(byte);
  }
}
