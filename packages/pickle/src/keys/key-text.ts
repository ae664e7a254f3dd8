// A key in words, nearly as Python's `repr` shows it. The text is on one line and bounded, since a pickle of a few
// hundred bytes can refer to its own parts so often that they would fill any text.

import { PyFloat } from "../values/py-float.ts";
import { PyObject } from "../values/py-object.ts";
import { pythonEscape } from "../values/shown.ts";

const TEXT_MAX_LENGTH = 1_000;
const LEVELS_MAX = 20;

/** The text of what a key stands for; a text is itself. */
export function keyText(value: unknown): string {
  return typeof value === "string" ? value : new KeyText().of(value);
}

class KeyText {
  private room = TEXT_MAX_LENGTH;
  private level = 0;

  of(value: unknown): string {
    if (this.room <= 0 || this.level >= LEVELS_MAX) return "…";
    this.room--;
    this.level++;
    const text = this.spell(value);
    this.level--;
    return text;
  }

  private spell(value: unknown): string {
    if (typeof value === "string") return this.cut(`'${escapeControls(value.slice(0, TEXT_MAX_LENGTH))}'`);
    if (value === null) return "None";
    if (typeof value === "boolean") return value ? "True" : "False";
    if (value instanceof PyObject) return this.instance(value);
    if (Array.isArray(value)) return `(${this.list(value)}${value.length === 1 ? "," : ""})`;
    if (value instanceof Set) return `frozenset({${this.list([...value])}})`;
    if (value instanceof Uint8Array) return this.cut(`b'${bytesText(value.subarray(0, TEXT_MAX_LENGTH))}'`);
    if (value instanceof PyFloat)
      return this.cut(Number.isInteger(value.value) ? `${value.value}.0` : `${value.value}`);
    if (isNamed(value)) return `{${this.named(value, ": ")}}`;
    return this.cut(String(value));
  }

  private instance(object: PyObject): string {
    const { module, name, args, state } = object;
    // Protocols 0 and 1 instantiate through a helper that is given the class, and a base.
    const helper = /^copyreg\.(__newobj__|_reconstructor)$/.exec(String(object.callable))?.[1];
    const first = helper === undefined ? 0 : helper === "__newobj__" ? 1 : 2;
    const parts = [this.list(args.slice(first))];
    if (isNamed(state)) parts.push(this.named(state, "="));
    else if (state !== undefined) parts.push(this.of(state));
    return `${this.cut(`${module ?? "?"}.${name ?? "?"}`)}(${parts.filter(Boolean).join(", ")})`;
  }

  private named(state: object, separator: string): string {
    const named = Object.entries(state).slice(0, this.room);
    return named
      .map(([name, part]) => `${this.cut(escapeControls(name))}${separator}${this.of(part)}`)
      .join(", ");
  }

  private list(items: readonly unknown[]): string {
    const shown = items.slice(0, Math.max(0, this.room)).map((item) => this.of(item));
    return (shown.length < items.length ? [...shown, "…"] : shown).join(", ");
  }

  private cut(text: string): string {
    const { room } = this;
    this.room -= text.length;
    return text.length <= room ? text : `${text.slice(0, Math.max(0, room))}…`;
  }
}

const isNamed = (value: unknown): value is object =>
  typeof value === "object" && value !== null && value.constructor === Object;

function bytesText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) =>
    byte >= 0x20 && byte < 0x7f
      ? escapeControls(String.fromCharCode(byte))
      : `\\x${byte.toString(16).padStart(2, "0")}`,
  ).join("");
}

/** Control characters and quotes as escapes, so that the text is one line and drives no terminal. */
function escapeControls(text: string): string {
  return text
    .replace(/[\\']/g, "\\$&")
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (character) =>
      pythonEscape(character.codePointAt(0) as number),
    );
}
