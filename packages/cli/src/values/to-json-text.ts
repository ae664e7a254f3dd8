/**
 * Values to JSON text, in the form that json-form.ts describes.
 *
 * Written by hand rather than through `JSON.stringify` because a float with an integral value must appear as
 * `2.0`. A value may come from anyone who may write to the dictionary: depth and size are bounded, since a
 * pickle of a few hundred bytes can refer to its own parts so often that it would fill any disk when spelled out.
 */

import { PyFloat, PyGlobal, PyObject, PyPersistentId } from "@everdict/pickle";
import { CliError } from "../cli-error.ts";
import { dictIdOfHandle } from "./dict-id-of-handle.ts";
import { jsonMaxDepth, type Tag, tagOf } from "./json-form.ts";
import { type PythonForm, pythonForm } from "./python-form.ts";
import { Undecodable } from "./undecodable.ts";

// A value of the largest size (100 MiB) of the smallest elements has about so many.
const nodeMaxCount = 100_000_000;

/** Writes a value as JSON on one line. @throws {CliError} if it is too deep or too large to be spelled out */
export function toJsonText(value: unknown): string {
  return new JsonWriter().write(value, "$");
}

class JsonWriter {
  readonly #ancestors = new Map<object, string>();
  #nodeCount = 0;

  write(value: unknown, path: string): string {
    this.#nodeCount += 1;
    if (this.#nodeCount > nodeMaxCount) throw tooLarge("has too many parts");
    switch (typeof value) {
      case "string":
      case "boolean":
        return JSON.stringify(value);
      case "number":
        return numberText(value);
      case "bigint":
        return Number.isSafeInteger(Number(value))
          ? String(value)
          : tagged("$int", JSON.stringify(String(value)));
      case "object":
        return value === null ? "null" : this.#object(value, path);
      default:
        return "null";
    }
  }

  #object(value: object, path: string): string {
    const earlier = this.#ancestors.get(value);
    if (earlier !== undefined) return tagged("$circular", JSON.stringify(earlier));
    if (this.#ancestors.size >= jsonMaxDepth) throw tooLarge(`is nested deeper than ${jsonMaxDepth} levels`);
    this.#ancestors.set(value, path);
    const text = this.#leaf(value) ?? this.#container(value, path);
    this.#ancestors.delete(value);
    return text;
  }

  #leaf(value: object): string | undefined {
    if (value instanceof PyFloat) return numberText(value.value, true);
    if (value instanceof Uint8Array) return tagged("$bytes", base64(value));
    if (value instanceof ArrayBuffer) return tagged("$bytearray", base64(new Uint8Array(value)));
    if (value instanceof Date) return tagged("$datetime", JSON.stringify(dateText(value)));
    if (value instanceof Undecodable) {
      return tagged(
        "$undecodable",
        `{"message":${JSON.stringify(value.message)},"bytes":${base64(value.bytes)}}`,
      );
    }
    const dictId = dictIdOfHandle(value);
    return dictId === undefined ? undefined : tagged("$dict", JSON.stringify(dictId));
  }

  #container(value: object, path: string): string {
    if (Array.isArray(value)) return this.#array(value, path);
    if (value instanceof Set) return tagged("$set", this.#array([...value], path));
    if (value instanceof Map) return tagged("$map", this.#array([...value], path));
    if (isPlain(value)) return this.#properties(value, path);
    return tagged("$python", this.#foreign(value, path));
  }

  #array(elements: readonly unknown[], path: string): string {
    return `[${elements.map((element, index) => this.write(element, `${path}[${index}]`)).join(",")}]`;
  }

  #properties(value: object, path: string): string {
    const properties = Object.entries(value).map(
      ([name, property]) => `${JSON.stringify(name)}:${this.write(property, `${path}.${name}`)}`,
    );
    const text = `{${properties.join(",")}}`;
    return tagOf(value) === undefined ? text : tagged("$object", text);
  }

  #pythonForm({ facts, items, ...form }: PythonForm, path: string): string {
    const parts = { ...form, ...facts, ...(items === undefined ? {} : { items: [...items] }) };
    return this.#properties(parts, path);
  }

  #foreign(value: object, path: string): string {
    if (value instanceof PyGlobal) return JSON.stringify({ name: String(value) });
    if (value instanceof PyPersistentId) return `{"persistent_id":${this.write(value.id, path)}}`;
    if (value instanceof PyObject) {
      const { args, keywords, state, items, entries } = value;
      const parts = Object.entries({
        args: args.length > 0 ? args : undefined,
        keywords,
        state,
        items,
        entries,
      });
      const written = parts
        .filter(([, part]) => part !== undefined)
        .map(([name, part]) => `,"${name}":${this.write(part, `${path}.${name}`)}`);
      return `{"class":${JSON.stringify(String(value.callable))}${written.join("")}}`;
    }
    return this.#pythonForm(pythonForm(value) ?? { class: value.constructor.name }, path);
  }
}

function numberText(value: number, isFloat = !Number.isSafeInteger(value) || Object.is(value, -0)): string {
  if (!Number.isFinite(value)) return tagged("$float", `"${value}"`);
  const text = Object.is(value, -0) ? "-0" : String(value);
  // Without a point or an exponent it would be read back as an integer.
  return isFloat && /^-?\d+$/.test(text) ? `${text}.0` : text;
}

function dateText(date: Date): string {
  return Number.isNaN(date.getTime()) ? "invalid" : date.toISOString();
}

function tagged(tag: Tag, contentText: string): string {
  return `{"${tag}":${contentText}}`;
}

function base64(bytes: Uint8Array): string {
  return `"${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64")}"`;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function tooLarge(why: string): CliError {
  return new CliError("failed", `the value ${why} and cannot be shown`, { code: "cannot_be_shown" });
}
