import {
  type AddChange,
  type Change,
  type CommitRequest,
  type Condition,
  createError,
  type Limits,
  tooManyEntries,
} from "@everdict/protocol";
import { isNumber, keyText } from "@everdict/store";
import { checkSizes } from "./limits-check.ts";
import { checkTtl } from "./ttl-check.ts";

/** Checks a commit before any work. Messages never name a key or a value. */

const versionForm = /^[0-9a-f]{16}$/;
const nothing = new Uint8Array(0);

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
  checkSizes(limits, [
    ...conditions.map(({ key }) => ({ key, value: nothing })),
    ...changes.map((change) => ({ key: change.key, value: change.kind === "put" ? change.value : nothing })),
  ]);
  for (const condition of conditions) checkCondition(condition);
  for (const change of changes) checkChange(change);
  checkDistinct("condition", conditions);
  checkDistinct("change", changes);
}

function checkCondition({ expected }: Condition): void {
  if (expected === "absent" || expected === "present" || versionForm.test(expected)) return;
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
  if (all.length < 2) return;
  const seen = new Set<string>();
  for (const { key } of all) {
    const size = seen.size;
    if (seen.add(keyText(key)).size > size) continue;
    throw createError("invalid_argument", `a key has more than one ${what}, limit is 1`);
  }
}
