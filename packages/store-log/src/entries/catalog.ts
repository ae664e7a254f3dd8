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
import type { SlotState } from "../index/slot-state.ts";

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
    const content = decode(state);
    const key = state.key().toString();
    if (key.startsWith("e:")) environments.push(content as StoredEnvironment);
    else if (key.startsWith("d:")) dicts.push(content as StoredDict);
    else if (key.startsWith("g:")) generations.set(Number(key.slice(2)), content as number);
    else if (key === "s") {
      sweptUpTo = { expiresAtMs: content as number, version: state.version };
    } else throw createError("data_loss", "the catalog has an entry of an unknown kind");
  }
  return { environments, dicts, generations, sweptUpTo };
}

/** Reads the value of a dictionary's entry. */
export function decodeDictEntry(value: Buffer): StoredDict {
  return JSON.parse(value.toString()) as StoredDict;
}

function encode(content: unknown): Buffer {
  return Buffer.from(JSON.stringify(content));
}

function decode(state: SlotState): unknown {
  // The catalog's values are always kept in memory; the checksum of the record has vouched for the text.
  return JSON.parse(state.value()!.toString());
}
