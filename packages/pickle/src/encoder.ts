// tidy: long-file because the encoder is one state machine whose steps share its fields; parts that stand alone are
// files of their own.

// Values to protocol-4 pickles, as CPython's C pickler would write the same data (protocol sections 4.1 to 4.3):
// its opcodes, frames, memo numbers and batches of 1,000.
//
// The encoder keeps a stack of its own (EncodeFrame). `save` writes a scalar at once and answers false, or begins a
// container, pushes a frame and answers true; `step` continues the topmost frame until it needs another level. So
// neither depth nor cycles can overflow the JavaScript stack.

import { ByteWriter } from "./byte-writer.ts";
import { describeValue, isPlainObject } from "./describe-value.ts";
import { EncodeFrame, FrameKind } from "./encode-frame.ts";
import { SerializationError } from "./errors.ts";
import { IdentityMemo } from "./identity-memo.ts";
import { DEPTH_MAX_DEFAULT } from "./limits.ts";
import { isOrderedMap } from "./ordered-maps.ts";
import { PyFloat } from "./py-float.ts";
import { PyGlobal, PyObject, PyPersistentId } from "./py-object.ts";
import { reduceValue } from "./reduce-value.ts";
import { TextMemo } from "./text-memo.ts";

/** How {@link encode} writes a value. */
export interface EncodeOptions {
  /**
   * Asked for every object that is not plain data (arrays, plain objects, maps, sets, bytes). If it answers
   * anything but `undefined`, that is written in the object's place as its persistent id; an array is written
   * as a tuple.
   */
  readonly persistentId?: ((value: object) => unknown) | undefined;
  /** Levels of nesting. Default 10,000. */
  readonly depthMax?: number | undefined;
  /**
   * Whether the result has memory of its own. By default small results share a block of memory, as Node's
   * `Buffer.from` does, which is several times faster; ask for this to transfer the result's `buffer`.
   */
  readonly ownBuffer?: boolean | undefined;
}

const BATCH = 1_000;
const SAFE_MAX = BigInt(Number.MAX_SAFE_INTEGER);
const orderedDict = new PyGlobal("collections", "OrderedDict");
type PlainObject = Record<string, unknown>;

/** Writes one value after the other. */
export class Encoder {
  private readonly writer = new ByteWriter();
  private readonly objects = new IdentityMemo();
  private readonly texts = new TextMemo();
  private readonly frames: EncodeFrame[] = [new EncodeFrame()];
  private names: Map<string, number> | undefined;
  private depth = 0;
  private depthMax = DEPTH_MAX_DEFAULT;
  private persistentId: ((value: object) => unknown) | undefined;

  /** Encodes one value. Call {@link release} afterwards, whatever happens. */
  encode(value: unknown, options: EncodeOptions): Uint8Array<ArrayBuffer> {
    this.persistentId = options.persistentId;
    this.depthMax = options.depthMax ?? DEPTH_MAX_DEFAULT;
    this.writer.begin();
    this.texts.clear();
    this.save(value, false);
    while (this.depth > 0) this.step(this.frames[this.depth] as EncodeFrame);
    return this.writer.finish(options.ownBuffer === true);
  }

  /** Forgets everything about the last value. */
  release(): void {
    for (; this.depth > 0; this.depth--) (this.frames[this.depth] as EncodeFrame).release();
    if (this.frames.length > BATCH) this.frames.length = BATCH;
    this.objects.clear();
    this.names = undefined;
    this.persistentId = undefined;
  }

  /** Where in the value the encoder stands. */
  path(): string {
    let path = "value";
    for (let level = 1; level <= this.depth && level < 200; level++) {
      path += (this.frames[level] as EncodeFrame).describe();
    }
    return path;
  }

  private save(value: unknown, hashable: boolean): boolean {
    this.writer.boundary();
    switch (typeof value) {
      case "string":
        this.saveText(value);
        return false;
      case "number":
        this.saveNumber(value);
        return false;
      case "object":
        if (value === null) this.writer.writeByte(0x4e);
        else return this.saveObject(value, hashable);
        return false;
      case "boolean":
        this.writer.writeByte(value ? 0x88 : 0x89);
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

  private saveNumber(value: number): void {
    // -0 is the one integral number that Python's int cannot hold.
    if (Number.isSafeInteger(value) && (value !== 0 || 1 / value > 0)) this.writer.writeInteger(value);
    else this.writer.writeFloat(value);
  }

  private saveText(text: string): void {
    const known = this.texts.get(text);
    if (known >= 0) this.writer.writeMemoRead(known);
    else this.texts.setLast(text, this.writer.writeText(text));
  }

  private saveObject(value: object, hashable: boolean): boolean {
    if (Array.isArray(value)) return this.saveArray(value, hashable);
    if (isPlainObject(value)) {
      if (hashable) throw this.fail("a plain object cannot be a dict key or set element in Python");
      if (this.saveKnown(value)) return false;
      return this.beginDict(value as PlainObject);
    }
    if (value instanceof Uint8Array) {
      if (!this.saveKnown(value)) this.objects.set(value, this.writer.writeBytes(value));
      return false;
    }
    if (value instanceof Map) return this.saveKnown(value) ? false : this.beginMap(value, hashable);
    if (value instanceof Set) return this.beginSet(value, hashable);
    return this.saveInstance(value, hashable);
  }

  private saveInstance(value: object, hashable: boolean): boolean {
    if (value instanceof PyFloat) {
      this.writer.writeFloat(value.value);
      return false;
    }
    if (value instanceof PyGlobal) {
      this.saveGlobal(value.module, value.name);
      return false;
    }
    const id = value instanceof PyPersistentId ? value.id : this.persistentId?.(value);
    if (id !== undefined) {
      this.push(FrameKind.persistent, value, [Array.isArray(id) ? Object.freeze([...id]) : id]);
      return true;
    }
    if (this.saveKnown(value)) return false;
    const object = value instanceof PyObject ? value : reduceValue(value);
    if (object === undefined) throw this.refuse(value);
    if (object instanceof PyGlobal) {
      this.saveGlobal(object.module, object.name);
      return false;
    }
    if (hashable && value instanceof ArrayBuffer)
      throw this.fail("a bytearray cannot be a dict key or set element in Python");
    this.push(FrameKind.object, value, object.args).object = object;
    return true;
  }

  // Writes a reference if the object has been written before.
  private saveKnown(value: object): boolean {
    const known = this.objects.get(value);
    if (known < 0) return false;
    this.writer.writeMemoRead(known);
    return true;
  }

  private saveArray(value: readonly unknown[], hashable: boolean): boolean {
    const frozen = Object.isFrozen(value);
    // An array may be a list here and, as a key, a tuple there: only what is always the same is memoised.
    const tracked = frozen || !hashable;
    if (tracked && this.saveKnown(value)) return false;
    if (frozen || hashable) return this.beginTuple(value, hashable, tracked);
    this.writer.writeByte(0x5d);
    this.objects.set(value, this.writer.memoize());
    if (value.length > 0) this.push(FrameKind.list, value, value);
    return value.length > 0;
  }

  private beginTuple(value: readonly unknown[], hashable: boolean, tracked: boolean): boolean {
    if (value.length === 0) {
      this.writer.writeByte(0x29);
      return false;
    }
    if (value.length > 3) this.writer.writeByte(0x28);
    const frame = this.push(FrameKind.tuple, value, value);
    frame.hashable = hashable;
    frame.tracked = tracked;
    return true;
  }

  private beginDict(value: PlainObject): boolean {
    this.writer.writeByte(0x7d);
    this.objects.set(value, this.writer.memoize());
    const names = Object.keys(value);
    if (names.length === 0) return false;
    const frame = this.push(FrameKind.dict, value, names);
    let defined = 0;
    while (frame.index < names.length && defined < 2) {
      if (value[names[frame.index++] as string] !== undefined) defined++;
    }
    if (defined === 0) {
      this.pop(frame);
      return false;
    }
    frame.index = 0;
    frame.single = defined === 1;
    if (defined > 1) this.writer.writeByte(0x28);
    return true;
  }

  private beginMap(value: Map<unknown, unknown>, hashable: boolean): boolean {
    if (hashable) throw this.fail("a Map cannot be a dict key or set element in Python");
    const items: unknown[] = [];
    let ordered = true;
    for (const [key, element] of value) {
      items.push(key, element);
      if (typeof key !== "string") ordered = false;
    }
    ordered ||= isOrderedMap(value);
    if (ordered) {
      this.saveGlobal(orderedDict.module, orderedDict.name);
      this.writer.writeByte(0x29);
      this.writer.writeByte(0x52);
    } else this.writer.writeByte(0x7d);
    this.objects.set(value, this.writer.memoize());
    if (items.length === 0) return false;
    const frame = this.push(FrameKind.map, value, items);
    frame.unit = 2;
    frame.iterated = ordered;
    return true;
  }

  private beginSet(value: Set<unknown>, hashable: boolean): boolean {
    const frozen = Object.isFrozen(value);
    const tracked = frozen || !hashable;
    if (tracked && this.saveKnown(value)) return false;
    const items = Array.from(value);
    if (frozen || hashable) {
      this.writer.writeByte(0x28);
      const frame = this.push(FrameKind.tuple, value, items);
      frame.hashable = true;
      frame.tracked = tracked;
      return true;
    }
    this.writer.writeByte(0x8f);
    this.objects.set(value, this.writer.memoize());
    if (items.length > 0) this.push(FrameKind.set, value, items).hashable = true;
    return items.length > 0;
  }

  private saveGlobal(module: string, name: string): void {
    this.writer.boundary();
    this.names ??= new Map();
    const key = `${module}\n${name}`;
    const known = this.names.get(key);
    if (known !== undefined) {
      this.writer.writeMemoRead(known);
      return;
    }
    // CPython's module names are one object wherever they occur; the names of builtin classes never are.
    const knownModule = this.names.get(module);
    this.writer.boundary();
    if (knownModule === undefined) this.names.set(module, this.writer.writeText(module));
    else this.writer.writeMemoRead(knownModule);
    this.writer.boundary();
    this.writer.writeText(name);
    this.writer.writeByte(0x93);
    this.names.set(key, this.writer.memoize());
  }

  private push(kind: FrameKind, source: object, items: readonly unknown[]): EncodeFrame {
    if (this.depth >= this.depthMax) {
      throw this.fail(
        `nested deeper than ${this.depthMax} levels, or circular where Python allows no circle`,
      );
    }
    const level = ++this.depth;
    let frame = this.frames[level];
    if (frame === undefined) {
      frame = new EncodeFrame();
      this.frames[level] = frame;
    }
    frame.kind = kind;
    frame.source = source;
    frame.items = items;
    frame.index = 0;
    frame.batch = 0;
    frame.unit = 1;
    frame.single = false;
    frame.iterated = false;
    frame.hashable = false;
    frame.tracked = true;
    return frame;
  }

  private pop(frame: EncodeFrame): void {
    frame.release();
    this.depth--;
  }

  private step(frame: EncodeFrame): void {
    switch (frame.kind) {
      case FrameKind.dict:
        this.stepDict(frame);
        return;
      case FrameKind.tuple:
        this.stepTuple(frame);
        return;
      case FrameKind.object:
        this.stepObject(frame, frame.object as PyObject);
        return;
      case FrameKind.persistent:
        if (frame.index++ === 0) {
          this.save(frame.items[0], false);
          return;
        }
        this.writer.writeByte(0x51);
        this.pop(frame);
        return;
      default:
        this.stepBatches(frame);
        return;
    }
  }

  // A plain object. CPython looks at the dict's size: one pair goes without a mark, and a full last batch is
  // followed by an empty one.
  private stepDict(frame: EncodeFrame): void {
    const { writer } = this;
    const names = frame.items;
    const source = frame.source as PlainObject;
    while (frame.index < names.length) {
      const name = names[frame.index++] as string;
      const value = source[name];
      if (value === undefined) continue;
      if (frame.batch === BATCH) {
        writer.writeByte(0x75);
        writer.writeByte(0x28);
        frame.batch = 0;
      }
      frame.batch++;
      writer.boundary();
      this.saveText(name);
      if (frame.single) frame.index = names.length;
      if (this.save(value, false)) return;
    }
    if (frame.single) writer.writeByte(0x73);
    else {
      writer.writeByte(0x75);
      if (frame.batch === BATCH) {
        writer.writeByte(0x28);
        writer.writeByte(0x75);
      }
    }
    this.pop(frame);
  }

  // Lists, sets and maps, and what is appended to or set in objects.
  private stepBatches(frame: EncodeFrame): void {
    const { items, kind } = frame;
    for (;;) {
      while (frame.index < frame.batch) {
        const item = items[frame.index++];
        if (item === undefined && kind === FrameKind.list) this.writer.writeByte(0x4e);
        else if (this.save(item, frame.hashable || (kind === FrameKind.map && (frame.index & 1) === 1)))
          return;
      }
      if (frame.index > 0) this.endBatch(frame);
      if (frame.index >= items.length) {
        this.pop(frame);
        return;
      }
      const remaining = items.length - frame.index;
      frame.batch = frame.index + Math.min(remaining, BATCH * frame.unit);
      frame.single =
        remaining === frame.unit && kind !== FrameKind.set && (frame.iterated || items.length === frame.unit);
      if (!frame.single) this.writer.writeByte(0x28);
    }
  }

  private endBatch(frame: EncodeFrame): void {
    const { kind, items } = frame;
    if (kind === FrameKind.list) {
      this.writer.writeByte(frame.single ? 0x61 : 0x65);
      return;
    }
    const many = kind === FrameKind.set ? 0x90 : 0x75;
    this.writer.writeByte(frame.single ? 0x73 : many);
    if (frame.iterated || frame.index < items.length || items.length % (BATCH * frame.unit) !== 0) return;
    this.writer.writeByte(0x28);
    this.writer.writeByte(many);
  }

  // Tuples and frozensets: immutable, so they are memoised once they are complete. One that contains itself has
  // been completed by an inner visit by then; what was pushed for this visit is dropped again.
  private stepTuple(frame: EncodeFrame): void {
    const { writer } = this;
    const { items } = frame;
    const { length } = items;
    while (frame.index < length) {
      const item = items[frame.index++];
      if (item === undefined && !frame.hashable) writer.writeByte(0x4e);
      else if (this.save(item, frame.hashable)) return;
    }
    const source = frame.source as object;
    const isSet = source instanceof Set;
    const known = frame.tracked ? this.objects.get(source) : -1;
    if (known >= 0) {
      if (isSet || length > 3) writer.writeByte(0x31);
      else for (let count = 0; count < length; count++) writer.writeByte(0x30);
      writer.writeMemoRead(known);
    } else {
      writer.writeByte(isSet ? 0x91 : length > 3 ? 0x74 : 0x84 + length);
      const number = writer.memoize();
      if (frame.tracked) this.objects.set(source, number);
    }
    this.pop(frame);
  }

  // An object by its construction, then its items, entries, state and setters, in CPython's order.
  private stepObject(frame: EncodeFrame, object: PyObject): void {
    const { writer } = this;
    const source = frame.source as object;
    const setters = object.setters ?? [];
    switch (frame.index++) {
      case 0:
        this.save(object.callable, false);
        return;
      case 1:
        this.save(object.args, false);
        return;
      case 2:
        if (object.construction === "new_keywords") this.save(object.keywords ?? {}, false);
        return;
      case 3: {
        const opcode = { call: 0x52, new: 0x81, new_keywords: 0x92 }[object.construction];
        writer.writeByte(opcode);
        const known = this.objects.get(source);
        if (known < 0) this.objects.set(source, writer.memoize());
        else {
          writer.writeByte(0x30);
          writer.writeMemoRead(known);
        }
        if (object.items?.length) this.push(FrameKind.list, source, object.items).iterated = true;
        return;
      }
      case 4:
        if (object.entries?.length) {
          const inner = this.push(FrameKind.map, source, object.entries.flat(1));
          inner.iterated = true;
          inner.unit = 2;
        }
        return;
      case 5:
        if (object.state !== undefined) this.save(object.state, false);
        else frame.index++;
        return;
      case 6:
        writer.writeByte(0x62);
        return;
      default:
        this.stepSetters(frame, source, setters);
        return;
    }
  }

  // Each setter is called with the object and a state, and its result dropped: four steps a setter.
  private stepSetters(frame: EncodeFrame, source: object, setters: NonNullable<PyObject["setters"]>): void {
    const at = frame.index - 8;
    const entry = setters[at >> 2];
    if (entry === undefined) {
      this.pop(frame);
      return;
    }
    switch (at & 3) {
      case 0:
        this.save(entry.setter, false);
        return;
      case 1:
        this.saveKnown(source);
        return;
      case 2:
        this.save(entry.state, false);
        return;
      default:
        for (const byte of [0x86, 0x52, 0x30]) this.writer.writeByte(byte);
    }
  }

  private refuse(value: unknown): SerializationError {
    return this.fail(`${describeValue(value)} has no Python counterpart`);
  }

  private fail(reason: string): SerializationError {
    const path = this.path();
    return new SerializationError(`cannot encode ${path}: ${reason}`, { path });
  }
}
