// One level of the encoder's own stack. The encoder keeps such frames instead of making calls, so that nesting costs
// memory and never the JavaScript stack.

import { refuseUnlessPlain } from "../values/describe-value.ts";
import type { FloatMarks } from "../values/float-marks.ts";
import type { PyObject } from "../values/py-object.ts";
import { shortened } from "../values/shown.ts";

/** What a level is writing; the numbers are compared in the hot path. */
export const FrameKind = { list: 0, dict: 1, map: 2, set: 3, tuple: 4, object: 5, persistent: 6 } as const;

/** One of the kinds of {@link FrameKind}. */
export type FrameKind = (typeof FrameKind)[keyof typeof FrameKind];

/** Longer lists of parts are not kept for the next container of a level. */
const PARTS_KEPT_MAX = 512;
const nothing: readonly unknown[] = [];
const hasOwn = Object.prototype.hasOwnProperty;

/** A container that has been begun and not yet ended. */
export class EncodeFrame {
  kind: FrameKind = FrameKind.list;
  /** The object that was asked to be encoded, as the memo knows it. */
  source: object | undefined = undefined;
  /** What is being written: elements, or keys and values in turn. */
  items: readonly unknown[] = nothing;
  /** How many of `items` there are. */
  count = 0;
  /** The next of `items`; for objects, the next step. */
  index = 0;
  /** Where the current batch ends. */
  batch = 0;
  /** 1 for elements, 2 for pairs. */
  unit = 1;
  /** Whether the current batch is a single item, written without a mark. */
  single = false;
  /** Whether Python would iterate here rather than look inside a list or dict: batches end differently. */
  iterated = false;
  /** Whether what is inside must be hashable, as it is part of a dict key or set element. */
  hashable = false;
  /** Whether `source` is to be found again in the memo. */
  tracked = true;
  /** Which numbers are floats though integral. */
  marks: FloatMarks | undefined = undefined;
  /** For objects: what is being written for `source`. */
  object: PyObject | undefined = undefined;
  /** Keys and values, taken apart here; the array is used for one container after the other. */
  private parts: unknown[] = [];

  /** Starts over with another container. */
  begin(kind: FrameKind, source: object): void {
    this.kind = kind;
    this.source = source;
    this.count = 0;
    this.index = 0;
    this.batch = 0;
    this.unit = 1;
    this.single = false;
    this.iterated = false;
    this.hashable = false;
    this.tracked = true;
  }

  /** Takes the elements of an array. */
  takeItems(items: readonly unknown[]): void {
    this.items = items;
    this.count = items.length;
  }

  /** Takes the names and values of those properties of an object that are defined. */
  takeProperties(source: Record<string, unknown>): void {
    const { parts } = this;
    let count = 0;
    this.unit = 2;
    this.items = parts;
    for (const name in source) {
      if (!hasOwn.call(source, name)) {
        this.index = 0;
        refuseUnlessPlain(source);
        continue;
      }
      if (name === "0") refuseUnlessPlain(source);
      parts[count] = name;
      // A getter may throw: then this is where.
      this.index = count + 1;
      const value = source[name];
      if (value === undefined) continue;
      parts[count + 1] = value;
      count += 2;
      this.count = count;
    }
    this.index = 0;
    if (count === 0) refuseUnlessPlain(source);
  }

  /** Takes the keys and values of a Map; returns whether all keys are texts. */
  takeEntries(source: ReadonlyMap<unknown, unknown>): boolean {
    const { parts } = this;
    let allTexts = true;
    for (const [key, value] of source) {
      parts[this.count] = key;
      parts[this.count + 1] = value;
      this.count += 2;
      if (typeof key !== "string") allTexts = false;
    }
    this.unit = 2;
    this.items = parts;
    return allTexts;
  }

  /** Drops every reference. */
  release(): void {
    const { parts } = this;
    if (parts.length > PARTS_KEPT_MAX) this.parts = [];
    else if (this.unit === 2) for (let index = 0; index < this.count; index++) parts[index] = undefined;
    this.source = undefined;
    this.items = nothing;
    this.object = undefined;
    this.marks = undefined;
  }

  /** How an error message names the part that is being written. */
  describe(): string {
    const at = this.index - 1;
    switch (this.kind) {
      case FrameKind.dict:
        return propertyPath(this.items[at - (at & 1)]);
      case FrameKind.map: {
        const key = this.items[at - (at & 1)];
        const shown = typeof key === "string" ? JSON.stringify(shortened(key, 60)) : `<key ${at >> 1}>`;
        return (at & 1) === 0 ? `.keys()[${at >> 1}]` : `.get(${shown})`;
      }
      case FrameKind.set:
        return `.values()[${at}]`;
      case FrameKind.object:
        return this.source === this.object ? (objectSteps[at] ?? "") : "";
      case FrameKind.persistent:
        return ".persistentId";
      default:
        return `[${at}]`;
    }
  }
}

const objectSteps = [".callable", ".args", ".keywords", "", ".items", ".entries", ".state"];

function propertyPath(name: unknown): string {
  if (typeof name !== "string") return "";
  return /^[A-Za-z_$][\w$]{0,60}$/.test(name) ? `.${name}` : `[${JSON.stringify(shortened(name, 60))}]`;
}
