/**
 * The catalog holds what the log keeps besides entries: environments, dictionaries and a few marks. They are entries of
 * a dictionary of their own, so that the same code writes, recovers and compacts them.
 *
 * | key | value |
 * | --- | --- |
 * | `e:` environment id | the record, and the newest creation time of a dictionary in it |
 * | `d:` dictionary id | the record, and the number that stands for it in entry records |
 * | `g:` dictionary number | how often it was cleared; absent: never |
 * | `s` | up to which moment all ended entries are swept |
 *
 * Numbers of dictionaries grow and are not used again while any record with them is left. An entry record whose
 * dictionary is not in the catalog belongs to a deleted one.
 */

import { createError } from "@everdict/protocol";
import type { DictRecord, EnvironmentRecord } from "@everdict/store";
import type { KeyTable, SweptUpTo } from "../index/key-table.ts";

/** Key and value of a catalog entry. */
export interface CatalogEntry {
  readonly key: Buffer;
  readonly value: Buffer;
}

/** An environment and what goes with it. */
export interface StoredEnvironment {
  readonly record: EnvironmentRecord;
  readonly newestDictAtSeconds?: number | undefined;
}

/** A dictionary and what goes with it. */
export interface StoredDict {
  readonly record: DictRecord;
  readonly number: number;
}

/** Everything in a catalog. */
export interface CatalogContent {
  readonly environments: readonly StoredEnvironment[];
  readonly dicts: readonly StoredDict[];
  /** By dictionary number. */
  readonly generations: ReadonlyMap<number, number>;
  /** Absent: nothing was ever swept. */
  readonly sweptUpTo?: SweptUpTo | undefined;
}

export function environmentKey(id: string): Buffer {
  return Buffer.from(`e:${id}`);
}

export function dictKey(id: string): Buffer {
  return Buffer.from(`d:${id}`);
}

export function generationKey(number: number): Buffer {
  return Buffer.from(`g:${number}`);
}

export function environmentEntry(environment: StoredEnvironment): CatalogEntry {
  return { key: environmentKey(environment.record.id), value: encode(environment) };
}

export function dictEntry(dict: StoredDict): CatalogEntry {
  return { key: dictKey(dict.record.id), value: encode(dict) };
}

export function generationEntry(number: number, generation: number): CatalogEntry {
  return { key: generationKey(number), value: encode(generation) };
}

export function sweptUpToEntry(sweptUpToMs: number): CatalogEntry {
  return { key: Buffer.from("s"), value: encode(sweptUpToMs) };
}

/** Reads a recovered catalog. */
export function readCatalog(table: KeyTable): CatalogContent {
  const environments: StoredEnvironment[] = [];
  const dicts: StoredDict[] = [];
  const generations = new Map<number, number>();
  let sweptUpTo: SweptUpTo | undefined;
  for (const state of table.states()) {
    if (state.decision !== "put") continue;
    // The catalog's values are always kept in memory.
    const value = state.value()!;
    const key = state.key().toString();
    if (key.startsWith("e:")) environments.push(decodeEnvironmentEntry(value));
    else if (key.startsWith("d:")) dicts.push(decodeDictEntry(value));
    else if (key.startsWith("g:")) generations.set(Number(key.slice(2)), decodeNumberEntry(value));
    else if (key === "s") {
      sweptUpTo = { expiresAtMs: decodeNumberEntry(value), version: state.version };
    } else throw createError("data_loss", "the catalog has an entry of an unknown kind");
  }
  return { environments, dicts, generations, sweptUpTo };
}

/** Reads the value of an environment's entry. @throws `data_loss` if it is none */
export function decodeEnvironmentEntry(value: Uint8Array): StoredEnvironment {
  return decode(value, (content): content is StoredEnvironment => {
    const { id, name } = fieldsOf<EnvironmentRecord>(fieldsOf<StoredEnvironment>(content).record);
    return typeof id === "string" && typeof name === "string";
  });
}

/** Reads the value of a dictionary's entry. @throws `data_loss` if it is none */
export function decodeDictEntry(value: Uint8Array): StoredDict {
  return decode(value, (content): content is StoredDict => {
    const { record, number } = fieldsOf<StoredDict>(content);
    const { id, environmentId, name } = fieldsOf<DictRecord>(record);
    return [id, environmentId, name].every((each) => typeof each === "string") && Number.isInteger(number);
  });
}

/** Reads the value of a mark or of a generation. @throws `data_loss` if it is none */
export function decodeNumberEntry(value: Uint8Array): number {
  return decode(value, (content): content is number => Number.isFinite(content));
}

function encode(content: unknown): Buffer {
  return Buffer.from(JSON.stringify(content));
}

function fieldsOf<Content>(value: unknown): { readonly [Field in keyof Content]?: unknown } {
  return typeof value === "object" && value !== null ? value : {};
}

/** The checksum of the record has vouched for the bytes, but not for who wrote them. */
function decode<Content>(value: Uint8Array, isContent: (content: unknown) => content is Content): Content {
  let content: unknown;
  try {
    content = JSON.parse(Buffer.from(value).toString());
  } catch {
    // Not what is asked for either.
  }
  if (isContent(content)) return content;
  throw createError("data_loss", "the catalog has an entry that cannot be read");
}
