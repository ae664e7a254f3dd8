/**
 * Values to JSON text, in the form that json-form.ts describes.
 *
 * Written by hand rather than through `JSON.stringify` because a float with an integral value must appear as `2.0`. A
 * value may come from anyone who may write to the dictionary, so depth and size are bounded. A pickle of a few hundred
 * bytes can refer to its own parts so often that it would fill any disk when spelled out.
 */

import {
  encode,
  isOrdinaryMap,
  PyFloat,
  PyGlobal,
  PyObject,
  PyPersistentId,
  SerializationError,
} from "@everdict/pickle";
import {
  dictIdOfHandle,
  isPlain,
  jsonMaxDepth,
  pythonForm,
  type Tag,
  tagOf,
  Undecodable,
} from "@everdict/pickle/show";
import { CliError } from "../cli-error.ts";
import { pythonClass } from "./python-class.ts";

// A value of the largest size (100 MiB) with the smallest elements has about this many.
const nodeMaxCount = 100_000_000;

/** Writes a value as JSON on one line. @throws {CliError} if it is too deep or too large to be spelled out */
export function toJsonText(value: unknown): string {
  return new JsonWriter().write(value, "$", "value");
}

/** Writes a key of at most this many parts, as {@link toJsonText} writes a value. Arrays in a key are always tuples. */
export function keyToJsonText(key: unknown, partsMax = nodeMaxCount): string {
  return new JsonWriter(partsMax).write(key, "$", "key");
}

/** Where something stands: Python's keys, and elements of its sets, are tuples and frozen sets wherever they can be. */
type Place = "value" | "key";

class JsonWriter {
  readonly #ancestors = new Map<object, string>();
  /** Ancestors that appear again inside themselves. */
  readonly #circular = new Set<object>();
  /** How many ancestors are written with their pickle, which has all that is in them. */
  #pickled = 0;
  #nodeCount = 0;
  readonly #nodesMax: number;

  constructor(nodesMax = nodeMaxCount) {
    this.#nodesMax = nodesMax;
  }

  write(value: unknown, path: string, place: Place): string {
    this.#nodeCount += 1;
    if (this.#nodeCount > this.#nodesMax) throw tooLarge("has too many parts");
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
        return value === null ? "null" : this.#object(value, path, place);
      default:
        return "null";
    }
  }

  #object(value: object, path: string, place: Place): string {
    const earlier = this.#ancestors.get(value);
    if (earlier !== undefined) {
      this.#circular.add(value);
      return tagged("$circular", JSON.stringify(earlier));
    }
    if (this.#ancestors.size >= jsonMaxDepth) throw tooLarge(`is nested deeper than ${jsonMaxDepth} levels`);
    this.#ancestors.set(value, path);
    const text = leafText(value) ?? this.#container(value, path, place) ?? this.#foreign(value, path);
    this.#ancestors.delete(value);
    const isCircular = this.#circular.delete(value);
    return isCircular && !text.startsWith(foreignStart) ? this.#described(value, text) : text;
  }

  /** A value that no tag holds as it is: its class, its visible parts, and its pickle. */
  #described(value: object, text: string): string {
    return this.#withPickle(value, `{"class":${JSON.stringify(pythonClass(value))},"value":${text}}`);
  }

  /** A value that JSON and the tags hold; undefined for any other. */
  #container(value: object, path: string, place: Place): string | undefined {
    if (Array.isArray(value)) {
      const text = this.#array(value, path, place);
      return place === "value" && Object.isFrozen(value) ? tagged("$tuple", text) : text;
    }
    if (value instanceof Set) {
      const isFrozen = place === "value" && Object.isFrozen(value);
      return tagged(isFrozen ? "$frozenset" : "$set", this.#array([...value], path, "key"));
    }
    if (value instanceof Map) {
      const pairs = [...value].map(
        ([key, part], index) =>
          `[${this.write(key, `${path}[${index}][0]`, "key")},${this.write(part, `${path}[${index}][1]`, "value")}]`,
      );
      const text = tagged("$map", `[${pairs.join(",")}]`);
      const isMap = Object.getPrototypeOf(value) === Map.prototype;
      return isMap && isOrdinaryMap(value) ? text : this.#described(value, text);
    }
    return isPlain(value) ? this.#properties(value, path) : undefined;
  }

  #array(elements: readonly unknown[], path: string, place: Place): string {
    return `[${elements.map((element, index) => this.write(element, `${path}[${index}]`, place)).join(",")}]`;
  }

  #properties(value: object, path: string): string {
    const properties = Object.entries(value).map(
      ([name, property]) => `${JSON.stringify(name)}:${this.write(property, `${path}.${name}`, "value")}`,
    );
    const text = `{${properties.join(",")}}`;
    return tagOf(value) === undefined ? text : tagged("$object", text);
  }

  #foreign(value: object, path: string): string {
    this.#pickled += 1;
    const text = this.#foreignParts(value, path);
    this.#pickled -= 1;
    return this.#withPickle(value, text);
  }

  #foreignParts(value: object, path: string): string {
    if (value instanceof PyGlobal) return JSON.stringify({ name: String(value) });
    if (value instanceof PyPersistentId) {
      const dictId = dictIdOfHandle(value);
      return dictId === undefined
        ? `{"persistent_id":${this.write(value.id, path, "value")}}`
        : JSON.stringify({ class: "modal.Dict", dict_id: dictId });
    }
    if (value instanceof PyObject) {
      const { args, keywords, state, items, entries } = value;
      const parts = Object.entries({
        // The arguments of a call are a tuple in any case.
        args: args.length > 0 ? [...args] : undefined,
        keywords,
        state,
        items,
        entries,
      });
      const written = parts
        .filter(([, part]) => part !== undefined)
        .map(([name, part]) => `,"${name}":${this.write(part, `${path}.${name}`, "value")}`);
      return `{"class":${JSON.stringify(String(value.callable))}${written.join("")}}`;
    }
    const { facts, items, ...form } = pythonForm(value) ?? { class: pythonClass(value), ...dateForm(value) };
    const plain = Object.entries(facts ?? {}).map(([name, fact]) => [
      name,
      Array.isArray(fact) ? [...fact] : fact,
    ]);
    const parts = {
      ...form,
      ...Object.fromEntries(plain),
      ...(items === undefined ? {} : { items: [...items] }),
    };
    return this.#properties(parts, path);
  }

  /** Adds the pickle from which the value is read back, unless it is in that of an ancestor. */
  #withPickle(value: object, parts: string): string {
    const pickle = this.#pickled > 0 ? undefined : pickleText(value);
    return tagged("$python", pickle === undefined ? parts : `${parts.slice(0, -1)},"pickle":${pickle}}`);
  }
}

/** How an instance of a class is written. */
const foreignStart = '{"$python":';

/** A value without parts, for which there is a tag or none. */
function leafText(value: object): string | undefined {
  if (value instanceof PyFloat) return numberText(value.value, true);
  if (value instanceof Uint8Array) return tagged("$bytes", base64(value));
  if (value instanceof ArrayBuffer) return tagged("$bytearray", base64(new Uint8Array(value)));
  if (value instanceof Date && isWholeMilliseconds(value)) {
    return tagged("$datetime", JSON.stringify(value.toISOString()));
  }
  if (!(value instanceof Undecodable)) return undefined;
  return tagged(
    "$undecodable",
    `{"message":${JSON.stringify(value.message)},"bytes":${base64(value.bytes)}}`,
  );
}

/** Python has microseconds, which the codec remembers beside a date. */
function isWholeMilliseconds(date: Date): boolean {
  return !Number.isNaN(date.getTime()) && pickleText(date) === pickleText(new Date(date));
}

/** What is seen of a date that its tag cannot hold. */
function dateForm(value: object): { readonly text?: string } {
  return value instanceof Date && !Number.isNaN(value.getTime()) ? { text: value.toISOString() } : {};
}

/** Undefined for a value that has no pickle, which only a program can make. */
function pickleText(value: object): string | undefined {
  try {
    return base64(encode(value));
  } catch (error) {
    if (error instanceof SerializationError) return undefined;
    throw error;
  }
}

function numberText(value: number, isFloat = !Number.isSafeInteger(value) || Object.is(value, -0)): string {
  if (!Number.isFinite(value)) return tagged("$float", `"${value}"`);
  const text = Object.is(value, -0) ? "-0" : String(value);
  // Without a point or an exponent it would be read back as an integer.
  return isFloat && /^-?\d+$/.test(text) ? `${text}.0` : text;
}

function tagged(tag: Tag, contentText: string): string {
  return `{"${tag}":${contentText}}`;
}

function base64(bytes: Uint8Array): string {
  return `"${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64")}"`;
}

function tooLarge(why: string): CliError {
  return new CliError("failed", `the value ${why} and cannot be shown`, { code: "cannot_be_shown" });
}
