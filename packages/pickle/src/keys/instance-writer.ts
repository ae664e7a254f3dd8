// Instances of Python's classes within keys, in the bytes of CPython's pickler. A class is named once, and what is one
// object in Python is written once. A name is a text as well, and a text of the program may be one object with it.
// Where versions of Python differ in that, the key is refused.

import { utcZone } from "../types/time/date.ts";
import { PyTimeDelta, PyTimezone } from "../types/time/timezone.ts";
import { PyZoneInfo } from "../types/time/zone-info.ts";
import { PyFloat } from "../values/py-float.ts";
import { PyGlobal, PyObject } from "../values/py-object.ts";
import type { ByteWriter } from "../wire/byte-writer.ts";
import { Op, tupleOpcode } from "../wire/opcodes.ts";
import type { KeyTexts } from "./key-texts.ts";

/** Modules whose name is one object in every version. */
const sharedModules = /^(datetime|uuid|ipaddress|builtins\n(complex|range))/;
/** Modules that are written in Python, of which all names are. */
const pythonModules = /^(uuid|ipaddress)$/;

/** Writes the instances of one key. */
export class InstanceWriter {
  private readonly writer: ByteWriter;
  private readonly texts: KeyTexts;
  private readonly reduce: (value: object) => PyObject;
  /** The memo numbers of what is one object in Python. */
  private readonly numbers = new Map<unknown, number>();
  private readonly unsureTexts = new Set<string>();

  /** `reduce` gives what to write for an instance, or throws. */
  constructor(writer: ByteWriter, texts: KeyTexts, reduce: (value: object) => PyObject) {
    this.writer = writer;
    this.texts = texts;
    this.reduce = reduce;
  }

  /** Writes an instance by what makes it, or a reference if it has been written before. */
  write(value: object, made: PyObject): void {
    const id = identityOf(value, made);
    this.writer.boundary();
    if (this.refer(id)) return;
    if (value instanceof PyZoneInfo) for (const text of [value.key, "zoneinfo"]) this.unsureTexts.add(text);
    if (made.callable instanceof PyGlobal) this.global(made.callable);
    else this.made(made.callable as object);
    this.arguments(made.args);
    this.writer.writeByte(made.construction === "new" ? Op.NEWOBJ : Op.REDUCE);
    this.numbers.set(id, this.writer.memoize());
    if (made.state !== undefined) this.state(made.state as Record<string, unknown>);
  }

  private made(part: object): void {
    this.write(part, part instanceof PyObject ? part : this.reduce(part));
  }

  /** A text of the key that may or may not be one object with a name that was written, depending on the version. */
  unsureText(): string | undefined {
    return [...this.unsureTexts].find((text) => this.texts.mayShare(text));
  }

  private refer(id: unknown): boolean {
    const known = this.numbers.get(id);
    if (known !== undefined) this.writer.writeMemoRead(known);
    return known !== undefined;
  }

  private global({ module, name }: PyGlobal): void {
    const id = `${module}\n${name}`;
    const { writer } = this;
    writer.boundary();
    if (this.refer(id)) return;
    writer.boundary();
    if (sharedModules.test(id)) this.texts.writeName(module);
    else writer.writeText(module);
    writer.boundary();
    if (pythonModules.test(module)) this.texts.writeName(name);
    else writer.writeText(name);
    if (module === "decimal") this.unsureTexts.add(module);
    writer.writeByte(Op.STACK_GLOBAL);
    this.numbers.set(id, writer.memoize());
  }

  private arguments(args: readonly unknown[]): void {
    const { writer } = this;
    writer.boundary();
    if (args.length === 0) {
      writer.writeByte(Op.EMPTY_TUPLE);
      return;
    }
    for (const arg of args) this.part(arg, args);
    writer.writeByte(tupleOpcode(args.length));
    writer.memoize();
  }

  private part(part: unknown, args: readonly unknown[]): void {
    const { writer } = this;
    writer.boundary();
    if (typeof part === "number") writer.writeInteger(part);
    else if (typeof part === "bigint") writer.writeBigInt(part, false);
    else if (part instanceof PyFloat) writer.writeFloat(part.value);
    else if (part instanceof Uint8Array) writer.writeBytes(part);
    else if (part instanceof PyGlobal) this.global(part);
    else if (typeof part !== "string") this.made(part as object);
    // The name that a program gave to an offset is a text of its own; any other has just been made.
    else if (args[0] instanceof PyTimeDelta) this.texts.writeText(part);
    else writer.writeText(part);
  }

  private state(state: Record<string, unknown>): void {
    const { writer } = this;
    const names = Object.keys(state);
    writer.boundary();
    writer.writeByte(Op.EMPTY_DICT);
    writer.memoize();
    if (names.length > 1) writer.writeByte(Op.MARK);
    for (const name of names) {
      writer.boundary();
      this.texts.writeName(name);
      this.part(state[name], []);
    }
    writer.writeByte(names.length > 1 ? Op.SETITEMS : Op.SETITEM);
    writer.writeByte(Op.BUILD);
  }
}

/** What tells one object of Python's from another: most by the object here, zones by what they are; a bound method is new each time. */
function identityOf(value: object, made: PyObject): unknown {
  if (value instanceof PyZoneInfo) return `zone ${value.key} ${value.isCached}`;
  if (value === made && made !== utcZone) return {};
  const isUtc = value instanceof PyTimezone && value.name === undefined && value.offset.toMs() === 0;
  return isUtc || made === utcZone ? utcZone : value;
}
