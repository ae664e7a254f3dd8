// Keys: the one place where every byte counts, since a dictionary compares keys by their bytes (protocol sections
// 4.1 and 4.2). Only the types whose bytes are the same in every Python process are accepted.
//
// CPython's pickler refers back to an object that it has met before, by identity. JavaScript's texts have no
// identity, so one of two rules must be chosen for repeats inside a tuple:
//   "reference": equal texts and equal bytes are one object, as in a Python literal: ("ab", "ab")
//   "copy":      they are separate objects, as if each had been built on its own: tuple("ab ab".split())
// Tuples are separate objects by either rule: Modal's Python client rebuilds every tuple among the arguments of get,
// put, pop and contains (but not the keys of a mapping given to update) before it pickles them.
// The empty text and bytes, texts of one character up to U+00FF and single bytes are one object in Python always (but
// for single bytes made by `bytes([7])` and the like).

import { ByteWriter } from "./byte-writer.ts";
import { describeValue, isPlainObject } from "./describe-value.ts";
import { SerializationError } from "./errors.ts";
import { hasRule, isUnhashable } from "./known-types.ts";
import { DEPTH_MAX_DEFAULT } from "./limits.ts";
import { latin1 } from "./opcode-arguments.ts";
import { PyFloat } from "./py-float.ts";
import { PyGlobal, PyObject } from "./py-object.ts";

/** How {@link encodeKey} writes a key. */
export interface EncodeKeyOptions {
  /**
   * How equal texts and equal bytes within one key are written. Default `reference`: as Python writes a literal
   * such as `("ab", "ab")`. `copy`: as Python writes it when the two were built separately, by `split()` for
   * example. Keys without repeats have only one form.
   */
  readonly repeats?: "reference" | "copy" | undefined;
  /** Levels of nested tuples. Default 10,000. */
  readonly depthMax?: number | undefined;
  /** Whether the result has memory of its own rather than sharing a block. Default false. */
  readonly ownBuffer?: boolean | undefined;
}

const noOptions: EncodeKeyOptions = {};
const writer = new ByteWriter();

/**
 * Encodes a dictionary key: exactly the bytes that CPython's pickler writes at protocol 4, in any version.
 *
 * `null` is None; booleans, texts and `Uint8Array` (bytes) are themselves; an integral safe number other than -0
 * is an int, any other number a float, `PyFloat` always a float; a bigint is an int; an array is a tuple of these.
 *
 * @throws {SerializationError} for anything else, with the reason and the path to it.
 * @example encodeKey(["user", 42]) // the key that Python writes as d["user", 42]
 */
export function encodeKey(key: unknown, options: EncodeKeyOptions = noOptions): Uint8Array<ArrayBuffer> {
  try {
    writer.begin();
    if (Array.isArray(key)) new TupleWriter(key, options).write();
    else if (!writeScalar(key)) throw refuse(key, []);
    return writer.finish(options.ownBuffer === true);
  } catch (caught) {
    if (caught instanceof SerializationError) throw caught;
    // A proxy does as it likes.
    const reason = caught instanceof Error ? caught.message : String(caught);
    throw new SerializationError(`cannot encode key: ${reason}`, { path: "key", cause: caught });
  }
}

function writeScalar(value: unknown): boolean {
  switch (typeof value) {
    case "string":
      writer.writeText(value);
      return true;
    case "number":
      writeNumber(value);
      return true;
    case "boolean":
      writer.writeByte(value ? 0x88 : 0x89);
      return true;
    case "bigint":
      writer.writeBigInt(value, false);
      return true;
    default:
  }
  if (value === null) writer.writeByte(0x4e);
  else if (value instanceof Uint8Array) writer.writeBytes(value);
  else if (value instanceof PyFloat) writer.writeFloat(value.value);
  else return false;
  return true;
}

function writeNumber(value: number): void {
  // -0 is the one integral number that Python's int cannot hold.
  if (Number.isSafeInteger(value) && (value !== 0 || 1 / value > 0)) writer.writeInteger(value);
  else writer.writeFloat(value);
}

/** A tuple that has been begun: its items and the next one. */
interface Level {
  readonly items: readonly unknown[];
  next: number;
}

/** Writes one tuple and what it holds, with a stack of its own. */
class TupleWriter {
  private readonly levels: Level[] = [];
  private readonly copies: boolean;
  private readonly depthMax: number;
  private readonly texts = new Map<string, number>();
  /** Byte strings by the text that has their bytes as characters. */
  private readonly bytes = new Map<string, number>();

  constructor(key: readonly unknown[], options: EncodeKeyOptions) {
    this.copies = options.repeats === "copy";
    this.depthMax = options.depthMax ?? DEPTH_MAX_DEFAULT;
    this.begin(key);
  }

  write(): void {
    for (let level = this.levels.at(-1); level !== undefined; level = this.levels.at(-1)) {
      const { items } = level;
      if (level.next === items.length) this.end(items);
      else this.item(items[level.next++]);
    }
  }

  private begin(items: readonly unknown[]): void {
    if (this.levels.length >= this.depthMax) {
      throw refuse(items, this.levels, `tuples nested deeper than ${this.depthMax} levels, or circular`);
    }
    if (items.length > 3) writer.writeByte(0x28);
    this.levels.push({ items, next: 0 });
  }

  private end(items: readonly unknown[]): void {
    const { length } = items;
    this.levels.pop();
    if (length === 0) {
      writer.writeByte(0x29);
      return;
    }
    writer.writeByte(length > 3 ? 0x74 : 0x84 + length);
    writer.memoize();
  }

  private item(item: unknown): void {
    writer.boundary();
    if (typeof item === "string") this.text(item);
    else if (Array.isArray(item)) this.begin(item);
    else if (item instanceof Uint8Array) this.byteString(item);
    else if (!writeScalar(item)) throw refuse(item, this.levels);
  }

  private text(text: string): void {
    if (this.copies && !isSingleText(text)) {
      writer.writeText(text);
      return;
    }
    const known = this.texts.get(text);
    if (known === undefined) this.texts.set(text, writer.writeText(text));
    else writer.writeMemoRead(known);
  }

  private byteString(data: Uint8Array): void {
    if (this.copies && data.length > 1) {
      writer.writeBytes(data);
      return;
    }
    const content = latin1(data);
    const known = this.bytes.get(content);
    if (known === undefined) this.bytes.set(content, writer.writeBytes(data));
    else writer.writeMemoRead(known);
  }
}

function isSingleText(text: string): boolean {
  return text.length === 0 || (text.length === 1 && text.charCodeAt(0) <= 0xff);
}

function refuse(value: unknown, levels: readonly Level[], reason = reasonAgainst(value)): SerializationError {
  const shown = levels.length > 50 ? levels.slice(0, 50) : levels;
  const path = `key${shown.map((level) => `[${level.next - 1}]`).join("")}`;
  return new SerializationError(`cannot encode ${path}: ${reason}`, { path });
}

const keyTypes = "use null, a boolean, number, bigint, string, Uint8Array, or an array of these (a tuple)";

/** Why a value cannot be a key; see protocol section 4.2. */
function reasonAgainst(value: unknown): string {
  const kind = describeValue(value);
  if (typeof value !== "object" || value === null) return `${kind} cannot be a key; ${keyTypes}`;
  if (isPlainObject(value) || value instanceof Map) {
    return `${kind} would be a dict, which Python cannot hash; ${keyTypes}`;
  }
  if (value instanceof Set) {
    return `${kind} would be a frozenset, whose bytes depend on the order of its elements; ${keyTypes}`;
  }
  if (value instanceof ArrayBuffer)
    return `${kind} would be a bytearray, which Python cannot hash; use a Uint8Array`;
  if (value instanceof PyObject || value instanceof PyGlobal) {
    return `${kind} has bytes that depend on the Python version or process that writes it; ${keyTypes}`;
  }
  if (value instanceof Date) {
    return `a Date cannot be a key, as Python and JavaScript disagree on its precision; use its ISO text or its time as a number`;
  }
  if (isUnhashable(value)) return `${kind} cannot be a key: Python cannot hash its counterpart; ${keyTypes}`;
  if (hasRule(value)) {
    return `${kind} cannot be a key: Python writes it as an object of a class, in bytes that may differ between versions; ${keyTypes}`;
  }
  return `${kind} cannot be a key; ${keyTypes}`;
}
