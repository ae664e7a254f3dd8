import type { ExpiryPolicy } from "@everdict/protocol";
import type { CreateDict, DictRecord } from "@everdict/store";
import { areTexts, parseObject, type Unchecked } from "./json-object.ts";

/** A dictionary as it is stored. Only its expiry, its durability and how often these were changed ever change. */
export interface StoredDict {
  readonly id: string;
  readonly environmentId: string;
  /** Empty for ephemeral dictionaries. */
  readonly name: string;
  readonly createdBy: string;
  readonly expiry: ExpiryPolicy;
  readonly shards: number;
  readonly durability?: CreateDict["durability"];
  /** How often its set-up was changed; absent: never. */
  readonly changes?: number | undefined;
  /** Ephemeral dictionaries only: the end they were created with. Where it is now, their shards say. */
  readonly expiresAtMs?: number | undefined;
}

/** What is stored of a new dictionary. */
export function storedDict(dict: CreateDict, shards: number): StoredDict {
  const { id, environmentId, name, createdBy, expiry, durability } = dict;
  const expiresAtMs = name === "" ? dict.expiresAtMs : undefined;
  return { id, environmentId, name, createdBy, expiry, shards, durability, expiresAtMs };
}

/** Reads the stored form; undefined if it is none that this version writes. */
export function decodeDict(text: string): StoredDict | undefined {
  return parseObject(text, isStoredDict);
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

const durabilities: readonly unknown[] = [undefined, "sync", "everysec", "memory"];

function isStoredDict(value: Unchecked<StoredDict>): value is StoredDict {
  const { id, environmentId, name, createdBy, expiry, shards, durability, changes, expiresAtMs } = value;
  return (
    areTexts(id, environmentId, name, createdBy) &&
    isExpiry(expiry) &&
    Number.isInteger(shards) &&
    durabilities.includes(durability) &&
    (changes === undefined || Number.isInteger(changes)) &&
    (expiresAtMs === undefined || typeof expiresAtMs === "number")
  );
}

function isExpiry(value: unknown): boolean {
  if (typeof value !== "object" || value === null || !("policy" in value)) return false;
  if (value.policy === "never") return true;
  const isKnown = value.policy === "afterWrite" || value.policy === "afterUse";
  return isKnown && "ttlMs" in value && typeof value.ttlMs === "number";
}
