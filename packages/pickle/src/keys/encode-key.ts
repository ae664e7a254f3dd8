// Keys: every byte counts, since a dictionary compares keys by their bytes (protocol sections 4.1 and 4.2). Only keys
// whose bytes are the same in every Python process can be built. A key that was read keeps the bytes that it came in
// (see key-bytes.ts).
//
// Texts have no identity in JavaScript, so a rule has to say which equal texts within a tuple are one object (see
// key-texts.ts). Tuples are separate objects by any rule: Modal's Python client rebuilds every tuple among the
// arguments of get, put, pop and contains before it pickles them. It does not rebuild the keys of a mapping given to
// update.

import { keyOfOtherRealm } from "../values/other-realm.ts";
import { PyFloat } from "../values/py-float.ts";
import type { PyObject } from "../values/py-object.ts";
import { ByteWriter } from "../wire/byte-writer.ts";
import { SerializationError } from "../wire/errors.ts";
import { DEPTH_MAX_DEFAULT } from "../wire/limits.ts";
import { Op, tupleOpcode } from "../wire/opcodes.ts";
import { InstanceWriter } from "./instance-writer.ts";
import { keyBytesOf } from "./key-bytes.ts";
import { reduceForKey } from "./key-classes.ts";
import { reasonAgainst } from "./key-refusals.ts";
import { type GroupOf, KeyTexts } from "./key-texts.ts";

const { EMPTY_TUPLE, FROZENSET, MARK, NEWFALSE, NEWTRUE, NONE } = Op;

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
 * - `null` is None. Booleans, texts and `Uint8Array` (bytes) are themselves.
 * - An integral safe number other than -0 is an int, any other number a float. A bigint is an int, a `PyFloat` a float.
 * - An array is a tuple, and a Set of at most one element a frozenset.
 * - A `Date` is an aware datetime in UTC. `PyDate`, `PyDateTime`, `PyTime`, `PyTimeDelta`, `PyTimezone`, `PyZoneInfo`,
 *   `PyUuid`, `PyDecimal`, `PyComplex`, `PyRange` and `PyIpAddress` (except an IPv6Address) are the classes of their names.
 * - A value that {@link decodeKey} gave is the key that it was read from, whatever its class and its bytes.
 *
 * @throws {SerializationError} for anything else, with the reason and the path to it.
 * @example encodeKey(["user", 42]) // the key that Python writes as d["user", 42]
 */
export function encodeKey(key: unknown, options: EncodeKeyOptions = noOptions): Uint8Array<ArrayBuffer> {
  if (typeof key === "object" && key !== null) {
    const bytes = keyBytesOf(key);
    if (bytes !== undefined) return bytes.slice();
  }
  return writeKey(key, options, options.repeats === "copy" ? "copy" : undefined);
}

/**
 * Encodes a key by a rule for its repeats, whatever is remembered of it.
 *
 * @throws {SerializationError} also for more than `partsMax` parts
 */
export function writeKey(
  key: unknown,
  options: EncodeKeyOptions,
  groupOf: GroupOf | "copy" | undefined,
  partsMax = Number.POSITIVE_INFINITY,
): Uint8Array<ArrayBuffer> {
  try {
    writer.begin();
    if (Array.isArray(key) || !writeScalar(key)) new KeyWriter(options, groupOf, partsMax).write(key);
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
      writer.writeNumber(value);
      return true;
    case "boolean":
      writer.writeByte(value ? NEWTRUE : NEWFALSE);
      return true;
    case "bigint":
      writer.writeBigInt(value, false);
      return true;
    default:
  }
  if (value === null) writer.writeByte(NONE);
  else if (value instanceof Uint8Array) writer.writeBytes(value);
  else if (value instanceof PyFloat) writer.writeFloat(value.value);
  else return false;
  return true;
}

/** A tuple or frozenset that has been begun: its items and the next one. */
interface Level {
  readonly items: readonly unknown[];
  readonly isSet: boolean;
  next: number;
}

/** Writes one key and what it holds, with a stack of its own. */
class KeyWriter {
  private readonly texts: KeyTexts;
  private readonly levels: Level[] = [];
  private readonly depthMax: number;
  private instances: InstanceWriter | undefined;
  private hasEmptySet = false;
  private partsLeft: number;

  constructor(options: EncodeKeyOptions, groupOf: GroupOf | "copy" | undefined, partsMax: number) {
    this.partsLeft = partsMax;
    this.depthMax = options.depthMax ?? DEPTH_MAX_DEFAULT;
    this.texts = new KeyTexts(writer, groupOf);
  }

  write(key: unknown): void {
    this.item(key);
    for (let level = this.levels.at(-1); level !== undefined; level = this.levels.at(-1)) {
      if (level.next === level.items.length) this.end(level);
      else this.item(level.items[level.next++]);
    }
    const unsure = this.instances?.unsureText();
    if (unsure !== undefined)
      throw refuse(
        key,
        [],
        `whether its text '${unsure}' is one object with a name that Python writes ${differs}`,
      );
  }

  private begin(items: readonly unknown[], isSet: boolean): void {
    if (this.levels.length >= this.depthMax) {
      throw refuse(items, this.levels, `tuples nested deeper than ${this.depthMax} levels, or circular`);
    }
    if (isSet || items.length > 3) writer.writeByte(MARK);
    this.levels.push({ items, isSet, next: 0 });
  }

  private end({ items: { length }, isSet }: Level): void {
    this.levels.pop();
    if (length === 0 && !isSet) {
      writer.writeByte(EMPTY_TUPLE);
      return;
    }
    writer.writeByte(isSet ? FROZENSET : tupleOpcode(length));
    writer.memoize();
  }

  private item(item: unknown): void {
    if (this.partsLeft-- <= 0) throw refuse(item, this.levels, "too many parts");
    writer.boundary();
    if (typeof item === "string") this.texts.writeText(item);
    else if (Array.isArray(item)) this.begin(item, false);
    else if (item instanceof Uint8Array) this.texts.writeBytes(item);
    else if (writeScalar(item)) return;
    else if (item instanceof Set && item.size < 2) this.set(item);
    else if (typeof item === "object" && item !== null) this.instance(item);
    else throw refuse(item, this.levels);
  }

  private set(set: ReadonlySet<unknown>): void {
    if (set.size === 0 && this.hasEmptySet)
      throw refuse(set, this.levels, `whether two empty frozensets are one object ${differs}`);
    if (set.size === 0) this.hasEmptySet = true;
    this.begin([...set], true);
  }

  private instance(value: object): void {
    const ofThisRealm = keyOfOtherRealm(value);
    if (ofThisRealm !== undefined) {
      this.item(ofThisRealm);
      return;
    }
    this.instances ??= new InstanceWriter(writer, this.texts, (part) => this.reduce(part));
    this.instances.write(value, this.reduce(value));
  }

  private reduce(value: object): PyObject {
    let reason: string | undefined;
    try {
      const reduced = reduceForKey(value);
      if (reduced !== undefined) return reduced;
    } catch (caught) {
      reason = caught instanceof Error ? caught.message : String(caught);
    }
    throw refuse(value, this.levels, reason);
  }
}

const differs = "differs between versions of Python; list the keys to address this one";

function refuse(value: unknown, levels: readonly Level[], reason = reasonAgainst(value)): SerializationError {
  const shown = levels.length > 50 ? levels.slice(0, 50) : levels;
  const path = `key${shown.map((level) => `[${level.next - 1}]`).join("")}`;
  return new SerializationError(`cannot encode ${path}: ${reason}`, { path });
}
