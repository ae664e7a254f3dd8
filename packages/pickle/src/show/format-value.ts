/**
 * Shows values for people: one line, close to how Python and JavaScript write them, with nothing hidden and no control
 * characters. The text cannot be read back; the JSON form can.
 */

import { PyKey } from "../keys/py-key.ts";
import { PyFloat } from "../values/py-float.ts";
import { PyGlobal, PyObject, PyPersistentId } from "../values/py-object.ts";
import { dictIdOfHandle } from "./dict-id-of-handle.ts";
import { escapeControls } from "./escape-controls.ts";
import { isPlain } from "./is-plain.ts";
import { jsonMaxDepth } from "./json-form.ts";
import { type PythonForm, pythonForm } from "./python-form.ts";
import { Undecodable } from "./undecodable.ts";

/** Where to stop writing: what follows could not be seen anyway. */
export interface FormatOptions {
  /** Most characters, roughly; the rest is replaced by `…`. Default: 16 Mi. */
  readonly maxLength?: number | undefined;
}

/** Formats any value on one line. Strings are quoted if they would look like something else. */
export function formatValue(value: unknown, options: FormatOptions = {}): string {
  if (typeof value === "string" && !looksLikeOtherThanText(value)) return value;
  const writer = new TextWriter(options.maxLength ?? 16 * 1024 * 1024);
  writer.write(value);
  return writer.text();
}

/**
 * Whether a string standing alone would be taken for a number, a constant, a container or nothing at all, or
 * needs escapes.
 */
function looksLikeOtherThanText(text: string): boolean {
  if (text === "" || text !== text.trim() || escapeControls(text) !== text) return true;
  return /^["'[{(<]|^b["']|^(?:null|true|false|NaN|-?Infinity)$/.test(text) || !Number.isNaN(Number(text));
}

class TextWriter {
  readonly #maxLength: number;
  readonly #ancestors = new Set<object>();
  #length = 0;
  #parts: string[] = [];

  constructor(maxLength: number) {
    this.#maxLength = maxLength;
  }

  text(): string {
    return this.#parts.join("");
  }

  write(value: unknown): void {
    if (typeof value === "string") this.#emit(quote(this.#clip(value)));
    else if (typeof value !== "object" || value === null) this.#emit(scalarText(value));
    else if (this.#ancestors.has(value)) this.#emit("<circular>");
    else if (this.#ancestors.size >= jsonMaxDepth) this.#emit("…");
    else {
      this.#ancestors.add(value);
      this.#object(value);
      this.#ancestors.delete(value);
    }
  }

  #object(value: object): void {
    if (Array.isArray(value)) this.#sequence(value, Object.isFrozen(value) ? tupleBrackets : arrayBrackets);
    else if (value instanceof Map) this.#pairs(value);
    else if (value instanceof Set) this.#set(value);
    else if (value instanceof PyObject) this.#pythonObject(value);
    else if (isPlain(value)) this.#pairs(Object.entries(value));
    else this.#leaf(value);
  }

  #leaf(value: object): void {
    const text = leafText(value, this.#maxLength);
    const form = text === undefined ? pythonForm(value) : undefined;
    if (form === undefined) this.#emit(text ?? `<${value.constructor.name}>`);
    else this.#pythonForm(form);
  }

  /** A class and what it is about: `<Decimal 1.50>`, `<ndarray {"dtype": "int8", …} [1, 2]>`. */
  #pythonForm({ class: name, text, facts, items }: PythonForm): void {
    this.#emit(`<${escapeControls(name.slice(name.lastIndexOf(".") + 1))}`);
    if (text !== undefined) this.#emit(` ${escapeControls(this.#clip(text))}`);
    if (facts !== undefined) {
      this.#emit(" ");
      this.#pairs(Object.entries(facts));
    }
    if (items !== undefined) {
      this.#emit(" ");
      this.#sequence(items, arrayBrackets);
    }
    this.#emit(">");
  }

  #sequence(elements: Iterable<unknown>, brackets: readonly [string, string]): void {
    this.#emit(brackets[0]);
    this.#list(elements, (element) => this.write(element));
    // As in Python: without the comma it would be a parenthesised value.
    if (brackets === tupleBrackets && Array.isArray(elements) && elements.length === 1) this.#emit(",");
    this.#emit(brackets[1]);
  }

  #set(value: ReadonlySet<unknown>): void {
    if (value.size === 0) this.#emit("set()");
    else this.#sequence(value, setBrackets);
  }

  #pairs(pairs: Iterable<readonly [unknown, unknown]>): void {
    this.#emit("{");
    this.#list(pairs, ([key, value]) => {
      this.write(key);
      this.#emit(": ");
      this.write(value);
    });
    this.#emit("}");
  }

  /** As the call that makes it, followed by what it is given then: `<shapes.Point() {"x": 1}>`; `paint.Color.RED`. */
  #pythonObject({ callable, args, keywords, state, items, entries, member }: PyObject): void {
    if (member !== undefined) {
      this.#emit(escapeControls(`${callable}.${member}`));
      return;
    }
    const later = [keywords, state, items, entries].filter((part) => part !== undefined);
    if (later.length > 0) this.#emit("<");
    this.#emit(escapeControls(String(callable)));
    this.#sequence(args, callBrackets);
    for (const part of later) {
      this.#emit(" ");
      this.write(part);
    }
    if (later.length > 0) this.#emit(">");
  }

  #list<Element>(elements: Iterable<Element>, writeOne: (element: Element) => void): void {
    let first = true;
    for (const element of elements) {
      if (!first) this.#emit(", ");
      first = false;
      if (this.#length >= this.#maxLength) {
        this.#emit("…");
        return;
      }
      writeOne(element);
    }
  }

  #clip(text: string): string {
    const room = Math.max(0, this.#maxLength - this.#length);
    return text.length <= room ? text : `${text.slice(0, room)}…`;
  }

  #emit(text: string): void {
    this.#parts.push(text);
    this.#length += text.length;
  }
}

const arrayBrackets = ["[", "]"] as const;
const tupleBrackets = ["(", ")"] as const;
const callBrackets = ["(", ")"] as const;
const setBrackets = ["{", "}"] as const;

function scalarText(value: unknown): string {
  return Object.is(value, -0) ? "-0.0" : String(value);
}

/** Objects without parts, other than the codec's own types. */
function leafText(value: object, maxLength: number): string | undefined {
  if (value instanceof PyKey) return escapeControls(String(value));
  if (value instanceof PyFloat) return Object.is(value.value, -0) ? "-0.0" : String(value);
  if (value instanceof Uint8Array) return bytesText(value, maxLength);
  if (value instanceof ArrayBuffer) return `bytearray(${bytesText(new Uint8Array(value), maxLength)})`;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "<invalid date>" : value.toISOString();
  if (value instanceof Undecodable) {
    return `<undecodable, ${value.bytes.byteLength} bytes: ${escapeControls(value.message)}>`;
  }
  if (value instanceof PyGlobal) return `<${escapeControls(String(value))}>`;
  const dictId = dictIdOfHandle(value);
  if (dictId !== undefined) return `<Dict ${escapeControls(dictId)}>`;
  if (value instanceof PyPersistentId) return "<persistent reference>";
  return undefined;
}

/** As Python writes them: printable ASCII as it is, the rest as `\x00`. */
function bytesText(bytes: Uint8Array, maxLength: number): string {
  const shown = bytes.subarray(0, maxLength);
  let text = "";
  for (const byte of shown) text += byteTexts[byte];
  return `b"${text}${shown.length < bytes.length ? "…" : ""}"`;
}

const byteTexts = Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  if (character === '"' || character === "\\") return `\\${character}`;
  return byte >= 0x20 && byte < 0x7f ? character : `\\x${byte.toString(16).padStart(2, "0")}`;
});

function quote(text: string): string {
  return escapeControls(JSON.stringify(text));
}
