// One level of the encoder's own stack. The encoder keeps these in place of calls, so that nesting costs memory
// and never the JavaScript stack.

import type { PyObject } from "./py-object.ts";

/** What a level is writing; the numbers are compared in the hot path. */
export const FrameKind = { list: 0, dict: 1, map: 2, set: 3, tuple: 4, object: 5, persistent: 6 } as const;

/** One of the kinds of {@link FrameKind}. */
export type FrameKind = (typeof FrameKind)[keyof typeof FrameKind];

const nothing: readonly unknown[] = [];

/** A container that has been begun and not yet ended. */
export class EncodeFrame {
  kind: FrameKind = FrameKind.list;
  /** The object that was asked to be encoded, as the memo knows it. */
  source: object | undefined = undefined;
  /** What is being written: elements, property names, or keys and values in turn. */
  items: readonly unknown[] = nothing;
  /** The next of `items`; for objects, the next step. */
  index = 0;
  /** Where the current batch ends, or for dicts how many pairs it holds. */
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
  /** For objects: what is being written for `source`. */
  object: PyObject | undefined = undefined;

  /** Drops every reference. */
  release(): void {
    this.source = undefined;
    this.items = nothing;
    this.object = undefined;
  }

  /** How an error message names the part that is being written. */
  describe(): string {
    const at = this.index - 1;
    switch (this.kind) {
      case FrameKind.dict:
        return propertyPath(this.items[at]);
      case FrameKind.map: {
        const key = this.items[at - (at & 1)];
        const shown = typeof key === "string" ? JSON.stringify(shorten(key)) : `<key ${at >> 1}>`;
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

const objectSteps = [".callable", ".args", ".keywords"];

function propertyPath(name: unknown): string {
  if (typeof name !== "string") return "";
  return /^[A-Za-z_$][\w$]{0,60}$/.test(name) ? `.${name}` : `[${JSON.stringify(shorten(name))}]`;
}

function shorten(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 60)}…`;
}
