import type { ExpiryPolicy } from "@everdict/protocol";
import type { CreateDict, DictRecord } from "@everdict/store";

/** What never changes about a dictionary, as it is stored. */
export interface StoredDict {
  readonly id: string;
  readonly environmentId: string;
  /** Empty for ephemeral dictionaries. */
  readonly name: string;
  readonly createdBy: string;
  readonly expiry: ExpiryPolicy;
  readonly shards: number;
  readonly durability?: CreateDict["durability"];
  /** Ephemeral dictionaries only: the end they were created with. Where it is now, their shards say. */
  readonly expiresAtMs?: number | undefined;
}

/** The stored form of a new dictionary. */
export function encodeDict(dict: CreateDict, shards: number): string {
  const { id, environmentId, name, createdBy, expiry, durability } = dict;
  const expiresAtMs = name === "" ? dict.expiresAtMs : undefined;
  const stored: StoredDict = { id, environmentId, name, createdBy, expiry, shards, durability, expiresAtMs };
  return JSON.stringify(stored);
}

/** Reads the stored form; undefined if it is none that this version writes. */
export function decodeDict(text: string): StoredDict | undefined {
  const stored = parsed(text) as StoredDict | undefined;
  const { id, environmentId, name, createdBy, expiry, shards } = stored ?? {};
  const texts = [id, environmentId, name, createdBy, expiry?.policy];
  return texts.every((each) => typeof each === "string") && Number.isInteger(shards) ? stored : undefined;
}

/** What JSON stands for, if it is an object; undefined for anything else. */
export function parsed(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The stored form in an entry of a registry: creation time in microseconds, a space, the stored form. */
export function withoutCreationTime(text: string): string {
  return text.slice(text.indexOf(" ") + 1);
}

/** Reads an entry of a registry; undefined if it is none that this version writes. */
export function decodeRecord(text: string): DictRecord | undefined {
  const json = withoutCreationTime(text);
  const stored = decodeDict(json);
  const createdAtSeconds = Number(text.slice(0, -json.length - 1)) / 1e6;
  if (stored === undefined || Number.isNaN(createdAtSeconds)) return undefined;
  const { id, environmentId, name, createdBy, expiry, durability, expiresAtMs } = stored;
  return {
    ...{ id, environmentId, name, createdAtSeconds, createdBy, expiry },
    ...(durability === undefined ? {} : { durability }),
    ...(expiresAtMs === undefined ? {} : { expiresAtMs }),
  };
}
