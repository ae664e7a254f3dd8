/**
 * Keys and values of one Dict as bytes.
 *
 * The pickle codec does the work. This file adds what the codec does not know: Dict handles inside values (protocol
 * section 4.4), and errors that name the dictionary.
 *
 * A handle is written as a persistent id: the tuple (id, "o", DictMetadata). That needs the dictionary's id, so a
 * handle that was not used yet is found first. Encoding itself cannot wait: it runs once, notes the handles that are
 * not ready, and runs again when they are. Reading a handle sends nothing.
 */

import {
  type DecodeOptions,
  decode,
  decodeKey,
  encode,
  encodeKey,
  type KeyPrefix,
  keyPrefix,
  otherKeyForms,
  PyObject,
  PyPersistentId,
  DeserializationError as UnreadablePickle,
  SerializationError as UnwritableValue,
} from "@everdict/pickle";
import { createError, type Entry } from "@everdict/protocol";
import { DictHandle, handleOf, isComplete, type KnownDict } from "./dict-handle.ts";
import { decodeDictMetadata, encodeDictMetadata } from "./dict-metadata.ts";
import type { ShareTime } from "./request-options.ts";

const metadataModule = "modal_proto.api_pb2";
const metadataClass = "DictMetadata";
/** What stands for a public, blocking handle; readers also accept the internal and the older ones. */
const publicHandleFlag = "o";
const handleFlags = new Set(["o", "_o", "p", "_p", "h", "_h"]);
const dictIdForm = /^di-[^-]+$/;

/** Makes the object that programs get for a handle inside a value. */
export type MakeDict = (handle: DictHandle) => object;

/** Encodes and decodes for one Dict. */
export class DictCodec {
  readonly #handle: DictHandle;
  readonly #makeDict: MakeDict;
  // Made once: encoding a value takes microseconds, so an object for each value would cost too much.
  readonly #encodeOptions = { persistentId: (part: object) => this.#persistentId(part) };
  #decodeOptions: DecodeOptions | undefined;
  /** Handles that the value being encoded holds and that were not found yet. */
  #unready: Set<DictHandle> | undefined;

  constructor(handle: DictHandle, makeDict: MakeDict) {
    this.#handle = handle;
    this.#makeDict = makeDict;
  }

  /** The bytes of a key. @throws {InvalidError} `invalid_key` */
  encodeKey(key: unknown): Uint8Array {
    try {
      return encodeKey(key, this.#handle.client.codec);
    } catch (cause) {
      throw this.#unwritable("a key", cause);
    }
  }

  /**
   * Looks for a key under its other forms after it was not found under its own. Python may have written it otherwise if
   * texts repeat in it. Asks for all forms at once, or for one after the other until there is an answer.
   */
  elsewhere<Found>(
    key: unknown,
    ask: (form: Uint8Array) => Promise<Found>,
    { inTurn = false } = {},
  ): Promise<Found | undefined> | undefined {
    if (!Array.isArray(key)) return undefined;
    return firstFound(this.otherForms(key), ask, inTurn);
  }

  /** The other bytes that Python may have written for a key. Most keys have none. */
  otherForms(key: unknown): readonly Uint8Array[] {
    return Array.isArray(key) ? otherKeyForms(key, this.#handle.client.codec) : [];
  }

  /** The keys that begin so. @throws {InvalidError} `invalid_key` */
  encodePrefix(prefix: unknown): KeyPrefix {
    try {
      return keyPrefix(prefix, this.#handle.client.codec);
    } catch (cause) {
      throw this.#unwritable("the prefix of a key", cause);
    }
  }

  /**
   * The bytes of a value, at once unless it holds handles that have to be found first.
   *
   * @throws {SerializationError} `serialization_failed`, with the path of the part that has no pickle form
   */
  encodeValue(value: unknown, call: ShareTime): Uint8Array | Promise<Uint8Array> {
    const bytes = this.#encode(value);
    const unready = this.#unready;
    if (unready === undefined) return bytes;
    this.#unready = undefined;
    return this.#encodeWhenReady(value, unready, call);
  }

  /** Both parts of each pair. @throws as `encodeKey` and `encodeValue` do */
  async encodePairs(pairs: Iterable<readonly [unknown, unknown]>, call: ShareTime): Promise<Entry[]> {
    const entries: Entry[] = [];
    for (const [key, value] of pairs) {
      const encoded = this.encodeValue(value, call);
      entries.push({
        key: this.encodeKey(key),
        value: encoded instanceof Uint8Array ? encoded : await encoded,
      });
    }
    return entries;
  }

  /** The key that bytes stand for. @throws {DeserializationError} `deserialization_failed` */
  decodeKey(bytes: Uint8Array): unknown {
    try {
      return decodeKey(bytes);
    } catch (cause) {
      throw this.#unreadable("a key", cause);
    }
  }

  /**
   * The value that bytes stand for. `key` is named in errors, if it is known.
   *
   * @throws {DeserializationError} `deserialization_failed`
   */
  decodeValue(bytes: Uint8Array, key?: { readonly key: unknown }): unknown {
    try {
      this.#decodeOptions ??= {
        ...this.#handle.client.codec,
        persistentLoad: (id: unknown) => this.#load(id),
      };
      return decode(bytes, this.#decodeOptions);
    } catch (cause) {
      throw this.#unreadable(key ? `the value of key ${describeKey(key.key)}` : "a value", cause);
    }
  }

  async #encodeWhenReady(value: unknown, unready: Set<DictHandle>, call: ShareTime): Promise<Uint8Array> {
    await Promise.all([...unready].map((handle) => handle.hydrate(call())));
    return this.encodeValue(value, call);
  }

  #encode(value: unknown): Uint8Array {
    try {
      return encode(value, this.#encodeOptions);
    } catch (cause) {
      this.#unready = undefined;
      if (!(cause instanceof UnwritableValue)) throw cause;
      const message = `Cannot write a value to ${this.#handle.describe()}: ${cause.message}`;
      throw createError("serialization_failed", message, { cause });
    }
  }

  #persistentId(part: object): unknown {
    const handle = handleOf(part);
    if (handle === undefined) return undefined;
    if (handle.known === undefined) {
      this.#unready ??= new Set();
      this.#unready.add(handle);
    }
    return persistentIdOf(handle.known);
  }

  #load(id: unknown): unknown {
    const known = knownDictOf(id);
    // Another object of Modal's, such as a queue. It is kept as it is, so that it can be written back.
    if (known === undefined) return new PyPersistentId(id);
    return this.#makeDict(DictHandle.known(this.#handle.client, known));
  }

  #unwritable(what: string, cause: unknown): unknown {
    if (!(cause instanceof UnwritableValue)) return cause;
    const message = `This cannot be ${what} of ${this.#handle.describe()}: ${cause.message}`;
    return createError("invalid_key", message, { cause });
  }

  #unreadable(what: string, cause: unknown): unknown {
    if (!(cause instanceof UnreadablePickle)) return cause;
    const hint = cause.message.includes("memoryMaxBytes")
      ? ", as Client.connect({ codec: { … } }) takes it"
      : "";
    return createError(
      "deserialization_failed",
      `Cannot read ${what} in ${this.#handle.describe()}: ${cause.message}${hint}`,
      { cause },
    );
  }
}

/** The persistent id of a handle. Frozen arrays are tuples in a pickle. */
function persistentIdOf(known: KnownDict | undefined): readonly unknown[] {
  return Object.freeze([known?.dictId ?? "", publicHandleFlag, metadataOf(known)]);
}

function metadataOf(known: KnownDict | undefined): PyObject | null {
  if (!isComplete(known)) return null;
  return new PyObject({
    module: metadataModule,
    name: metadataClass,
    state: { serialized: encodeDictMetadata(known) },
  });
}

function knownDictOf(id: unknown): KnownDict | undefined {
  if (!Array.isArray(id) || id.length !== 3) return undefined;
  const [dictId, flag, metadata] = id as [unknown, unknown, unknown];
  if (typeof dictId !== "string" || !dictIdForm.test(dictId)) return undefined;
  if (typeof flag !== "string" || !handleFlags.has(flag)) return undefined;
  return { dictId, ...readMetadata(metadata) };
}

// Metadata is a convenience: if it cannot be read, the handle still works by its id.
function readMetadata(metadata: unknown) {
  if (!(metadata instanceof PyObject) || metadata.name !== metadataClass) return undefined;
  const { state } = metadata;
  const serialized =
    state instanceof Map
      ? state.get("serialized")
      : (state as { serialized?: unknown } | undefined)?.serialized;
  if (!(serialized instanceof Uint8Array)) return undefined;
  try {
    return decodeDictMetadata(serialized);
  } catch {
    return undefined;
  }
}

async function firstFound<Found>(
  forms: readonly Uint8Array[],
  ask: (form: Uint8Array) => Promise<Found>,
  inTurn: boolean,
): Promise<Found | undefined> {
  const isFound = (found: Found): boolean => found !== undefined && found !== false;
  if (!inTurn) return (await Promise.all(forms.map(ask))).find(isFound);
  for (const form of forms) {
    const found = await ask(form);
    if (isFound(found)) return found;
  }
  return undefined;
}

const describedKeyMaxLength = 80;

/** A key as messages show it: short, and only what is plain to read. */
export function describeKey(key: unknown): string {
  return describePart(key, describedKeyMaxLength);
}

// A tuple is described only as far as it is shown: it may refer to its own parts and be larger than any text.
function describePart(key: unknown, maxLength: number): string {
  let text: string;
  if (typeof key === "string") text = JSON.stringify(key);
  else if (Array.isArray(key)) {
    text = "[";
    for (const [index, part] of key.entries()) {
      text += index === 0 ? "" : ", ";
      if (text.length > maxLength) break;
      text += describePart(part, maxLength - text.length);
    }
    text += "]";
  } else if (key instanceof Uint8Array) text = `${key.byteLength} bytes`;
  else text = String(key);
  return text.length <= maxLength ? text : `${text.slice(0, maxLength)}…`;
}
