import {
  type AddChange,
  type Change,
  type CommitRequest,
  type Condition,
  createError,
  isVersion,
  type Limits,
  tooManyEntries,
} from "@everdict/protocol";
import { isNumber } from "@everdict/store";
import { areDistinct } from "./distinct-keys.ts";
import { RequestSizes } from "./limits-check.ts";
import { checkTtl } from "./ttl-check.ts";

/** Checks a commit before any work. Messages never name a key or a value. */

/**
 * Checks what a commit asks for.
 *
 * @throws `too_many_entries`, `key_too_large`, `value_too_large`, `request_too_large`, and `invalid_argument` for a key with
 *   two conditions or two changes, a version, a time to live or a number of another form
 */
export function checkCommit(limits: Limits, { conditions, changes }: CommitRequest): void {
  for (const { length } of [conditions, changes]) {
    if (length > limits.requestMaxEntries) throw tooManyEntries(length, limits.requestMaxEntries);
  }
  const sizes = new RequestSizes(limits);
  for (const { key } of conditions) sizes.add(key);
  for (const change of changes) sizes.add(change.key, change.kind === "put" ? change.value : undefined);
  sizes.check();
  for (const condition of conditions) checkCondition(condition);
  for (const change of changes) checkChange(change);
  checkDistinct("condition", conditions);
  checkDistinct("change", changes);
}

function checkCondition({ expected }: Condition): void {
  if (expected === "absent" || expected === "present" || isVersion(expected)) return;
  const message = `a condition expects '${expected}', which is not absent, present or a version`;
  throw createError("invalid_argument", message);
}

function checkChange(change: Change): void {
  switch (change.kind) {
    case "remove":
      return;
    case "put":
    case "touch":
      checkTtl("ttlMs", change.ttlMs);
      return;
    case "add":
      checkTtl("ttlOnCreateMs", change.ttlOnCreateMs);
      checkNumbers(change);
      return;
    default: {
      const { kind } = change as { kind: unknown };
      throw createError("invalid_argument", `a change is '${kind}', not put, remove, add or touch`);
    }
  }
}

function checkNumbers(change: AddChange): void {
  for (const name of ["by", "initial", "min", "max"] as const) {
    const bytes = change[name];
    if ((bytes === undefined && name !== "by") || (bytes !== undefined && isNumber(bytes))) continue;
    throw createError(
      "invalid_argument",
      `\`${name}\` of an addition is not an int of at most 255 bytes or a float that is not NaN`,
    );
  }
}

function checkDistinct(what: string, all: readonly { readonly key: Uint8Array }[]): void {
  if (areDistinct(all)) return;
  throw createError("invalid_argument", `a key has more than one ${what}, limit is 1`);
}
