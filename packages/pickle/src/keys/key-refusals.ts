// Why a value cannot be a key, in words that say what to do.

import { hasRule, isUnhashable } from "../types/known-types.ts";
import { describeValue, isPlainObject } from "../values/describe-value.ts";
import { PyObject } from "../values/py-object.ts";
import { whyUnstable } from "./key-classes.ts";
import { PyKey } from "./py-key.ts";

const keyTypes = "use null, a boolean, number, bigint, string, Uint8Array, or an array of these (a tuple)";
const wayOut = "keys(), items() and for await give such a key as it is, and that one can be used";

/** Why a value cannot be a key; see protocol section 4.2. */
export function reasonAgainst(value: unknown): string {
  if (value instanceof PyKey) return "a PyKey is a whole key and cannot be part of another";
  const kind =
    value instanceof PyObject && value.name !== undefined
      ? `an instance of ${value.module}.${value.name}`
      : describeValue(value);
  if (typeof value !== "object" || value === null) return `${kind} cannot be a key; ${keyTypes}`;
  if (isPlainObject(value) || value instanceof Map) {
    return `${kind} would be a dict, which Python cannot hash; ${keyTypes}`;
  }
  if (value instanceof Set) {
    return `${kind} would be a frozenset, whose bytes depend on the order of its elements if there are several; ${wayOut}`;
  }
  if (value instanceof ArrayBuffer)
    return `${kind} would be a bytearray, which Python cannot hash; use a Uint8Array`;
  if (isUnhashable(value)) return `${kind} cannot be a key: Python cannot hash its counterpart; ${keyTypes}`;
  const reason = whyUnstable(value) ?? (hasRule(value) ? "its bytes may differ between versions" : undefined);
  return reason === undefined
    ? `${kind} cannot be a key; ${keyTypes}`
    : `${kind} cannot be a key that is built here: ${reason}; ${wayOut}`;
}
