import type { EnvironmentRecord } from "@everdict/store";
import { areTexts, parseObject, type Unchecked } from "./json-object.ts";

/** An environment as stored; `nonce` tells whose creation it was. */
export interface StoredEnvironment extends EnvironmentRecord {
  readonly nonce: string;
}

/** Reads the stored form; undefined if it is none that this version writes. */
export function decodeEnvironment(text: string): StoredEnvironment | undefined {
  return parseObject(text, isStoredEnvironment);
}

/** The environment as callers see it. */
export function environmentRecord({
  id,
  name,
  webSuffix,
  createdAtSeconds,
}: StoredEnvironment): EnvironmentRecord {
  return { id, name, webSuffix, createdAtSeconds };
}

function isStoredEnvironment(value: Unchecked<StoredEnvironment>): value is StoredEnvironment {
  const { id, name, webSuffix, createdAtSeconds, nonce } = value;
  return areTexts(id, name, webSuffix, nonce) && typeof createdAtSeconds === "number";
}
