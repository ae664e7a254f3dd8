import { DeserializationError, decode, PyFloat, PyKey } from "@everdict/pickle";
import { jsonMaxDepth, type ReadableTag, readableTags, tagOf, writtenOnlyTags } from "@everdict/pickle/show";
import { usageError } from "../cli-error.ts";

/**
 * Turns parsed JSON into values: tagged objects (json-form.ts) become what they stand for, everything else
 * stays as it is. `what` names the input in messages.
 */
export function fromJsonForm(json: unknown, what: string): unknown {
  return read(json, what, 0);
}

function read(json: unknown, what: string, depth: number): unknown {
  if (typeof json !== "object" || json === null) return json;
  if (depth > jsonMaxDepth) throw usageError(`${what} is nested deeper than ${jsonMaxDepth} levels`);
  if (Array.isArray(json)) return json.map((element) => read(element, what, depth + 1));
  const tag = tagOf(json);
  if (tag === undefined || !isKnown(tag)) return readProperties(json, what, depth);
  const content = (json as Record<string, unknown>)[tag];
  const value = isReadable(tag) ? readers[tag](content, what, depth + 1) : undefined;
  if (value !== undefined) return value;
  const reason = isReadable(tag) ? `has a malformed '${tag}'` : `has a '${tag}', which cannot be read back`;
  const toLeaveOut =
    tag === "$undecodable" ? "leave that entry out, its bytes are no readable pickle; or " : "";
  throw usageError(
    `${what} ${reason}`,
    `${toLeaveOut}to store an object with such a property, wrap it: {"$object": {…}}`,
  );
}

/** One reader per tag; undefined means that the content does not fit the tag. */
const readers: Record<ReadableTag, (content: unknown, what: string, depth: number) => unknown> = {
  $bytes: (content) => readBase64(content),
  $bytearray: (content) => readBase64(content)?.buffer,
  $int: (content) => (typeof content === "string" && /^-?\d+$/.test(content) ? BigInt(content) : undefined),
  $float: (content) => (typeof content === "string" ? readFloat(content) : undefined),
  $datetime: (content) => (typeof content === "string" ? readDate(content) : undefined),
  $tuple: (content, what, depth) => {
    const elements = readElements(content, what, depth);
    return elements && Object.freeze(elements);
  },
  $map: (content, what, depth) => (isPairs(content) ? new Map(readPairs(content, what, depth)) : undefined),
  $set: (content, what, depth) => {
    const elements = readElements(content, what, depth);
    return elements && new Set(elements);
  },
  $frozenset: (content, what, depth) => {
    const elements = readElements(content, what, depth);
    return elements && Object.freeze(new Set(elements));
  },
  $object: (content, what, depth) =>
    typeof content === "object" && content !== null && !Array.isArray(content)
      ? readProperties(content, what, depth)
      : undefined,
  $key: (content) =>
    typeof content === "object" && content !== null && "hex" in content ? readKeyHex(content.hex) : undefined,
  $python: (content) =>
    typeof content === "object" && content !== null && "pickle" in content
      ? readPickle(content.pickle)
      : undefined,
};

function isKnown(tag: string): boolean {
  return isReadable(tag) || (writtenOnlyTags as readonly string[]).includes(tag);
}

function isReadable(tag: string): tag is ReadableTag {
  return (readableTags as readonly string[]).includes(tag);
}

// `Object.fromEntries` defines properties, so a key named `__proto__` stays data.
function readProperties(json: object, what: string, depth: number): object {
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, read(value, what, depth + 1)]));
}

function readElements(content: unknown, what: string, depth: number): unknown[] | undefined {
  return Array.isArray(content) ? content.map((element) => read(element, what, depth)) : undefined;
}

/** What was written for people beside the pickle is not looked at. */
function readPickle(content: unknown): unknown {
  const bytes = readBase64(content);
  if (bytes === undefined) return undefined;
  try {
    return decode(bytes, { floats: "exact" });
  } catch (error) {
    if (error instanceof DeserializationError) return undefined;
    throw error;
  }
}

function isPairs(content: unknown): content is readonly (readonly [unknown, unknown])[] {
  return Array.isArray(content) && content.every((pair) => Array.isArray(pair) && pair.length === 2);
}

function readPairs(
  pairs: readonly (readonly [unknown, unknown])[],
  what: string,
  depth: number,
): [unknown, unknown][] {
  return pairs.map(([key, value]) => [read(key, what, depth), read(value, what, depth)]);
}

/** The key whose bytes are these in hexadecimal. */
export function readKeyHex(content: unknown): PyKey | undefined {
  const isHex = typeof content === "string" && /^(?:[0-9a-f]{2})+$/i.test(content);
  return isHex ? new PyKey(Buffer.from(content, "hex")) : undefined;
}

/** Strict base64: `Buffer` alone would skip whatever does not belong. The bytes own their buffer. */
function readBase64(content: unknown): Uint8Array<ArrayBuffer> | undefined {
  if (typeof content !== "string") return undefined;
  const bytes = Uint8Array.from(Buffer.from(content, "base64"));
  return Buffer.from(bytes).toString("base64") === content ? bytes : undefined;
}

function readFloat(content: string): number | PyFloat | undefined {
  if (content === "NaN") return Number.NaN;
  if (!/^-?(?:Infinity|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)$/.test(content)) return undefined;
  const value = Number(content);
  return Number.isInteger(value) ? new PyFloat(value) : value;
}

function readDate(content: string): Date | undefined {
  const date = new Date(content);
  return /^(?:\d{4}|[+-]\d{6})-\d\d-\d\dT/.test(content) && !Number.isNaN(date.getTime()) ? date : undefined;
}
