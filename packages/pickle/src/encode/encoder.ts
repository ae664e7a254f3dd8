// Values to protocol-4 pickles, as CPython's C pickler would write the same data (protocol sections 4.1 to 4.3): its
// opcodes, frames, memo numbers and batches of 1,000.
//
// The encoder keeps a stack of its own (EncodeFrame). `save` writes a scalar at once and returns false, or begins a
// container, pushes a frame and returns true. The steps of encode-steps.ts continue the topmost frame until it needs
// another level. So neither depth nor circles can overflow the JavaScript stack.

import { PyKey } from "../keys/py-key.ts";
import { builtInRule, isUnhashable, reduceObject } from "../types/known-types.ts";
import { programClasses } from "../values/class-registry.ts";
import { describeValue, looksPlain } from "../values/describe-value.ts";
import { exactEntries } from "../values/exact-floats.ts";
import { floatMarksOf } from "../values/float-marks.ts";
import { withinArguments } from "../values/fresh-arguments.ts";
import { mapAttributes, mapKind } from "../values/map-kinds.ts";
import { builtInKind } from "../values/other-realm.ts";
import { PyFloat } from "../values/py-float.ts";
import { PyGlobal, PyObject, PyPersistentId } from "../values/py-object.ts";
import { ByteWriter } from "../wire/byte-writer.ts";
import { hashOfArray, hashOfProperty } from "../wire/content-hash.ts";
import { SerializationError } from "../wire/errors.ts";
import { DEPTH_MAX_DEFAULT } from "../wire/limits.ts";
import { Op } from "../wire/opcodes.ts";
import { EncodeFrame, FrameKind } from "./encode-frame.ts";
import type { EncodeOptions } from "./encode-options.ts";
import { step } from "./encode-steps.ts";
import { findEqualKey } from "./equal-keys.ts";
import { GlobalMemo } from "./global-memo.ts";
import { IdentityMemo } from "./identity-memo.ts";
import type { Saver } from "./saver.ts";
import { writeElements, writeObject } from "./write-plain.ts";

const { EMPTY_DICT, EMPTY_LIST, EMPTY_SET, EMPTY_TUPLE, MARK, NEWFALSE, NEWTRUE, NONE, REDUCE } = Op;

const FRAMES_KEPT_MAX = 1_000;
/** Levels of plain data that are written by recursion. Few values are deeper. */
const RECURSION_MAX = 32;
const SAFE_MAX = BigInt(Number.MAX_SAFE_INTEGER);
const orderedDict = new PyGlobal("collections", "OrderedDict");

/** Writes one value after the other. */
export class Encoder implements Saver {
  readonly writer = new ByteWriter();
  readonly objects = new IdentityMemo();
  readonly constructing = new Set<object>();
  private readonly frames: EncodeFrame[] = [new EncodeFrame()];
  private readonly globals = new GlobalMemo();
  private depth = 0;
  /** How many levels are being written by recursion, and how many may be. */
  private recursion = 0;
  private recursionMax = 0;
  private depthMax = DEPTH_MAX_DEFAULT;
  private classes = programClasses;
  private persistentId: ((value: object) => unknown) | undefined;

  /** Encodes one value. Call {@link release} afterwards, whatever happens. */
  encode(value: unknown, options: EncodeOptions): Uint8Array<ArrayBuffer> {
    this.persistentId = options.persistentId;
    this.classes = options.classes ?? programClasses;
    this.depthMax = options.depthMax ?? DEPTH_MAX_DEFAULT;
    this.recursionMax = Math.min(RECURSION_MAX, this.depthMax);
    try {
      return this.run(value, options);
    } catch {
      this.restart();
    }
    // Once more, by frames alone, which can tell where something was refused. They need no JavaScript stack, either.
    this.recursionMax = 0;
    return this.run(value, options);
  }

  private run(value: unknown, options: EncodeOptions): Uint8Array<ArrayBuffer> {
    this.writer.begin();
    this.saveWhole(value);
    return this.writer.finish(options.ownBuffer === true);
  }

  saveWhole(value: unknown): void {
    const { depth } = this;
    if (!this.save(value, false)) return;
    while (this.depth > depth) step(this, this.frames[this.depth] as EncodeFrame);
  }

  /** Forgets everything about the last value. */
  release(): void {
    this.restart();
    if (this.frames.length > FRAMES_KEPT_MAX) this.frames.length = FRAMES_KEPT_MAX;
    this.persistentId = undefined;
  }

  private restart(): void {
    for (; this.depth > 0; this.depth--) (this.frames[this.depth] as EncodeFrame).release();
    this.recursion = 0;
    this.objects.clear();
    if (this.constructing.size > 0) this.constructing.clear();
    this.globals.clear();
  }

  /** Where in the value the encoder stands. */
  path(): string {
    let path = "value";
    for (let level = 1; level <= this.depth && level < 200; level++) {
      path += (this.frames[level] as EncodeFrame).describe();
    }
    return path;
  }

  save(value: unknown, hashable: boolean): boolean {
    this.writer.boundary();
    switch (typeof value) {
      case "string":
        this.writer.writeShared(value);
        return false;
      case "number":
        this.writer.writeNumber(value);
        return false;
      case "object":
        if (value !== null) return this.saveObject(value, hashable);
        this.writer.writeByte(NONE);
        return false;
      case "boolean":
        this.writer.writeByte(value ? NEWTRUE : NEWFALSE);
        return false;
      case "bigint":
        // A safe integer comes back as a number, unless it is written in the long form, which CPython uses only for
        // integers that come back as bigint anyway.
        this.writer.writeBigInt(value, -SAFE_MAX <= value && value <= SAFE_MAX);
        return false;
      default:
        throw this.refuse(value);
    }
  }

  saveFloat(value: number): void {
    this.writer.boundary();
    this.writer.writeFloat(value);
  }

  private saveObject(value: object, hashable: boolean): boolean {
    if (Array.isArray(value) && (value.constructor === Array || !this.isRegistered(value)))
      return this.saveArray(value, hashable);
    if (looksPlain(value)) {
      if (hashable) throw this.unhashable("a plain object");
      return this.beginDict(value);
    }
    if (value instanceof Uint8Array && !this.isRegistered(value)) {
      if (!this.saveKnown(value)) this.objects.note(value, this.writer.writeBytes(value));
      return false;
    }
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Map.prototype) return this.beginMap(value as Map<unknown, unknown>, hashable);
    if (prototype === Set.prototype) return this.beginSet(value as Set<unknown>, hashable);
    return this.saveInstance(value, hashable);
  }

  /** Whether an array is an instance of a class that was registered. */
  private isRegistered(value: object): boolean {
    return this.classes.of(Object.getPrototypeOf(value) as object) !== undefined;
  }

  private saveInstance(value: object, hashable: boolean): boolean {
    if (value instanceof PyFloat) {
      this.writer.writeFloat(value.value);
      return false;
    }
    if (value instanceof PyGlobal) {
      this.globals.save(this.writer, value.module, value.name);
      return false;
    }
    if (value instanceof PyKey) return this.save(value.value, hashable);
    const id = value instanceof PyPersistentId ? value.id : this.persistentId?.(value);
    if (id !== undefined) {
      this.push(FrameKind.persistent, value).takeItems([Array.isArray(id) ? Object.freeze([...id]) : id]);
      return true;
    }
    if (this.saveKnown(value)) return false;
    if (hashable && isUnhashable(value)) throw this.unhashable(describeValue(value));
    const object = value instanceof PyObject ? value : reduceObject(value, this.classes);
    if (object === undefined) return this.saveForeign(value, hashable);
    if (object instanceof PyGlobal) {
      this.globals.save(this.writer, object.module, object.name);
      return false;
    }
    this.beginObject(value, object);
    return true;
  }

  // Subclasses of collections, and built-ins of another realm.
  private saveForeign(value: object, hashable: boolean): boolean {
    const kind = builtInKind(value);
    if (kind === "Map") return this.beginMap(value as Map<unknown, unknown>, hashable);
    if (kind === "Set") return this.beginSet(value as Set<unknown>, hashable);
    if (kind === "Uint8Array") {
      this.objects.note(value, this.writer.writeBytes(value as Uint8Array));
      return false;
    }
    const rule = kind === undefined ? undefined : builtInRule(kind);
    if (rule === undefined) throw this.refuse(value);
    if (hashable && rule.isUnhashable) throw this.unhashable(describeValue(value));
    this.beginObject(value, rule.reduce(value));
    return true;
  }

  saveKnown(value: object): boolean {
    const known = this.objects.get(value);
    if (known < 0) return false;
    this.writer.writeMemoRead(known);
    return true;
  }

  begin(value: object, opcode: number, hash: number): boolean {
    const known = this.objects.note(value, this.writer.memoCount, hash);
    if (known < 0) {
      this.writer.writeByte(opcode);
      this.writer.memoize();
    } else this.writer.writeMemoRead(known);
    return known < 0;
  }

  private saveArray(value: readonly unknown[], hashable: boolean): boolean {
    const frozen = Object.isFrozen(value);
    // An array may be a list here and, as a key, a tuple there: only what is always the same is memoised.
    if (frozen || hashable) return this.beginTuple(value, hashable, frozen);
    if (!this.begin(value, EMPTY_LIST, hashOfArray(value)) || value.length === 0) return false;
    const marks = floatMarksOf(value);
    if (marks === undefined && this.recursion < this.recursionMax) {
      this.recursion++;
      writeElements(this, value);
      this.recursion--;
      return false;
    }
    const frame = this.push(FrameKind.list, value);
    frame.takeItems(value);
    frame.marks = marks;
    return true;
  }

  private beginTuple(value: readonly unknown[], hashable: boolean, tracked: boolean): boolean {
    if (tracked && this.saveKnown(value)) return false;
    if (value.length === 0) {
      this.writer.writeByte(EMPTY_TUPLE);
      return false;
    }
    if (value.length > 3) this.writer.writeByte(MARK);
    const frame = this.push(FrameKind.tuple, value);
    frame.takeItems(value);
    frame.hashable = hashable;
    frame.tracked = tracked;
    frame.marks = floatMarksOf(value);
    return true;
  }

  private beginDict(value: object): boolean {
    const marks = floatMarksOf(value);
    if (marks === undefined && this.recursion < this.recursionMax) {
      this.recursion++;
      writeObject(this, value as Record<string, unknown>);
      this.recursion--;
      return false;
    }
    // What it looks like is known only with its properties, and a reference needs no level.
    const frame = this.pushUnchecked(FrameKind.dict, value);
    frame.takeProperties(value as Record<string, unknown>);
    frame.marks = marks;
    const isNew = this.begin(
      value,
      EMPTY_DICT,
      frame.count === 0 ? 0 : hashOfProperty(frame.items[0], frame.items[1]),
    );
    if (isNew && this.depth + this.recursion <= this.depthMax) return true;
    this.pop(frame);
    if (isNew) throw this.tooDeep();
    return false;
  }

  private beginMap(value: Map<unknown, unknown>, hashable: boolean): boolean {
    if (hashable) throw this.unhashable("a Map");
    if (this.saveKnown(value)) return false;
    const kind = mapKind(value);
    const state = kind === undefined ? undefined : mapAttributes(value);
    if (state !== undefined) {
      this.beginObject(value, new PyObject({ callable: orderedDict, entries: exactEntries(value), state }));
      return true;
    }
    const frame = this.push(FrameKind.map, value);
    const allTexts = frame.takeEntries(value);
    if (!allTexts) this.refuseEqualKeys(frame);
    frame.iterated = kind === undefined ? allTexts : kind === "OrderedDict";
    frame.marks = floatMarksOf(value);
    if (frame.iterated) {
      this.globals.save(this.writer, orderedDict.module, orderedDict.name);
      this.writer.writeByte(EMPTY_TUPLE);
      this.writer.writeByte(REDUCE);
    } else this.writer.writeByte(EMPTY_DICT);
    this.objects.note(value, this.writer.memoize());
    return true;
  }

  private beginSet(value: Set<unknown>, hashable: boolean): boolean {
    const frozen = Object.isFrozen(value);
    const tracked = frozen || !hashable;
    if (tracked && this.saveKnown(value)) return false;
    const items = Array.from(value);
    if (frozen || hashable) {
      this.writer.writeByte(MARK);
      const frame = this.push(FrameKind.tuple, value);
      frame.takeItems(items);
      frame.hashable = true;
      frame.tracked = tracked;
      frame.marks = floatMarksOf(value);
      this.refuseEqualKeys(frame);
      return true;
    }
    this.writer.writeByte(EMPTY_SET);
    this.objects.note(value, this.writer.memoize());
    if (items.length === 0) return false;
    const frame = this.push(FrameKind.set, value);
    frame.takeItems(items);
    frame.hashable = true;
    frame.marks = floatMarksOf(value);
    this.refuseEqualKeys(frame);
    return true;
  }

  private refuseEqualKeys(frame: EncodeFrame): void {
    const at = findEqualKey(frame.items, frame.count, frame.unit === 2 ? 2 : 1);
    if (at < 0) return;
    frame.index = at + 1;
    throw this.fail("this key is equal to an earlier one in Python, which would lose one of the two");
  }

  private beginObject(source: object, object: PyObject): void {
    const isInner = this.constructing.has(source);
    if (!isInner) this.constructing.add(source);
    this.push(FrameKind.object, source).object = isInner ? withinArguments(object) : object;
  }

  push(kind: FrameKind, source: object): EncodeFrame {
    if (this.depth + this.recursion >= this.depthMax) throw this.tooDeep();
    return this.pushUnchecked(kind, source);
  }

  private tooDeep(): SerializationError {
    return this.fail(`nested deeper than ${this.depthMax} levels, or circular where Python allows no circle`);
  }

  private pushUnchecked(kind: FrameKind, source: object): EncodeFrame {
    const level = ++this.depth;
    let frame = this.frames[level];
    if (frame === undefined) {
      frame = new EncodeFrame();
      this.frames[level] = frame;
    }
    frame.begin(kind, source);
    return frame;
  }

  pop(frame: EncodeFrame): void {
    frame.release();
    this.depth--;
  }

  private unhashable(what: string): SerializationError {
    return this.fail(`${what} cannot be a dict key or set element in Python`);
  }

  private refuse(value: unknown): SerializationError {
    return this.fail(`${describeValue(value)} has no Python counterpart`);
  }

  private fail(reason: string): SerializationError {
    const path = this.path();
    return new SerializationError(`cannot encode ${path}: ${reason}`, { path });
  }
}
