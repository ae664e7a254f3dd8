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

/** Reads the stored form. */
export function decodeDict(text: string): StoredDict {
  return JSON.parse(text) as StoredDict;
}

/** The stored form in an entry of a registry: creation time in microseconds, a space, the stored form. */
export function withoutCreationTime(text: string): string {
  return text.slice(text.indexOf(" ") + 1);
}

/** Reads an entry of a registry. */
export function decodeRecord(text: string): DictRecord {
  const stored = withoutCreationTime(text);
  const { id, environmentId, name, createdBy, expiry, durability, expiresAtMs } = decodeDict(stored);
  const createdAtSeconds = Number(text.slice(0, -stored.length - 1)) / 1e6;
  return {
    ...{ id, environmentId, name, createdAtSeconds, createdBy, expiry },
    ...(durability === undefined ? {} : { durability }),
    ...(expiresAtMs === undefined ? {} : { expiresAtMs }),
  };
}
