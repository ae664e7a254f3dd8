/** Changes under conditions: each is a commit of one change. */

import { PyFloat } from "@everdict/pickle";
import {
  type AddChange,
  type Change,
  type Committed,
  type Condition,
  createError,
  type Entry,
  type FoundEntry,
  type TimeToLiveMs,
  type TouchChange,
  type Version,
} from "@everdict/protocol";
import { checkArgument } from "./arguments/check-options.ts";
import { finiteToAdd } from "./arguments/option-kinds.ts";
import type { DictAccess } from "./dict-access.ts";
import { describeKey } from "./dict-codec.ts";
import type { HydratedDict } from "./dict-handle.ts";
import type { IncrementOptions, PutOptions } from "./dict-options.ts";
import type { ShareTime } from "./request-options.ts";

/** An entry to write, as a program names its key and as bytes. */
export interface EncodedEntry {
  readonly key: unknown;
  readonly keyBytes: Uint8Array;
  readonly valueBytes: Uint8Array;
}

/** Commits one change under at most one condition. */
async function commitOne(
  { service, dictId }: HydratedDict,
  expected: Condition["expected"] | undefined,
  change: Change,
  call: ShareTime,
) {
  const conditions = expected === undefined ? [] : [{ key: change.key, expected }];
  return service.commit(dictId, { conditions, changes: [change] }, call());
}

/** Whether `put` needs more than Modal's calls. */
export function isBeyondModal(options: PutOptions): boolean {
  return options.ttlMs !== undefined || "ifVersion" in options || !!options.onlyIfExists;
}

/** `put` with a condition or a time to live. */
export async function putWith(
  access: DictAccess,
  { key, keyBytes, valueBytes }: EncodedEntry,
  options: PutOptions,
  call: ShareTime,
): Promise<boolean> {
  const { ttlMs } = options;
  const expected = conditionOf(options);
  const feature = ttlMs !== undefined ? "ttlMs" : options.onlyIfExists ? "onlyIfExists" : "ifVersion";
  return access.beyondModal(feature, call, async (dict) => {
    if (expected === undefined) {
      await dict.service.update(dict.dictId, [{ key: keyBytes, value: valueBytes, ttlMs }], call());
      return true;
    }
    const putAt = async (form: Uint8Array): Promise<boolean> => {
      const change = { kind: "put", key: form, value: valueBytes, ttlMs } as const;
      return (await commitOne(dict, expected, change, call)).committed;
    };
    if (await putAt(keyBytes)) return true;
    if (expected === "absent") return false;
    return (await access.codec.elsewhere(key, putAt, { inTurn: true })) ?? false;
  });
}

/** Writes entries with a time to live. */
export async function updateWith(
  access: DictAccess,
  entries: readonly Entry[],
  ttlMs: TimeToLiveMs,
  call: ShareTime,
): Promise<void> {
  const timed = entries.map((entry) => ({ ...entry, ttlMs }));
  return access.beyondModal("ttlMs", call, ({ service, dictId }) => service.update(dictId, timed, call()));
}

function conditionOf(options: PutOptions): Condition["expected"] | undefined {
  const { skipIfExists, onlyIfExists } = options;
  const ifVersion = versionIn("put", options);
  if (Number(!!skipIfExists) + Number(!!onlyIfExists) + Number(ifVersion !== undefined) > 1) {
    const message = "put: skipIfExists, onlyIfExists and ifVersion exclude each other: give one of them";
    throw createError("invalid_argument", message);
  }
  if (skipIfExists) return "absent";
  return onlyIfExists ? "present" : ifVersion;
}

/** The version that options name. One that a program forgot to find must not mean that any version will do. */
export function versionIn(
  method: "put" | "pop" | "remove",
  options: { readonly ifVersion?: Version | undefined } | undefined,
): Version | undefined {
  if (options === undefined || !("ifVersion" in options)) return undefined;
  if (options.ifVersion !== undefined) return options.ifVersion;
  const hint = method === "put" ? ": for an entry that must be absent there is skipIfExists" : "";
  throw createError("invalid_argument", `${method}: \`ifVersion\` is given, but undefined${hint}`);
}

/** An entry and the bytes of its key; undefined: there is none in any form of the key. */
export async function findEntry(
  { service, dictId }: HydratedDict,
  access: DictAccess,
  key: unknown,
  call: ShareTime,
): Promise<
  { readonly entry: FoundEntry; readonly keyBytes: Uint8Array; readonly isOwnForm: boolean } | undefined
> {
  const findAt = async (keyBytes: Uint8Array, isOwnForm: boolean) => {
    const entry = await service.entry(dictId, keyBytes, call());
    return entry && { entry, keyBytes, isOwnForm };
  };
  const found = await findAt(access.codec.encodeKey(key), true);
  return found ?? access.codec.elsewhere(key, (form) => findAt(form, false));
}

/** Removes the entry of a key if it has this version. */
export async function removeVersion(
  access: DictAccess,
  key: unknown,
  ifVersion: Version,
  call: ShareTime,
): Promise<boolean> {
  const keyBytes = access.codec.encodeKey(key);
  return access.beyondModal("ifVersion", call, async (dict) => {
    const removeAt = async (form: Uint8Array) =>
      (await commitOne(dict, ifVersion, { kind: "remove", key: form }, call)).committed;
    if (await removeAt(keyBytes)) return true;
    return (await access.codec.elsewhere(key, removeAt, { inTurn: true })) ?? false;
  });
}

/** The bytes of the entry that was removed, in whatever form of the key it was found. */
export async function popAny(
  { handle, codec }: DictAccess,
  key: unknown,
  keyBytes: Uint8Array,
  call: ShareTime,
): Promise<Uint8Array | undefined> {
  const { service, dictId } = handle.ready ?? (await handle.hydrate(call()));
  const bytes = await service.pop(dictId, keyBytes, call());
  return bytes ?? codec.elsewhere(key, (form) => service.pop(dictId, form, call()), { inTurn: true });
}

/** The bytes of the entry that was removed, if it had this version: the value of a version never changes. */
export async function popVersion(
  access: DictAccess,
  key: unknown,
  ifVersion: Version,
  call: ShareTime,
): Promise<Uint8Array | undefined> {
  return access.beyondModal("ifVersion", call, async (dict) => {
    const found = await findEntry(dict, access, key, call);
    if (found?.entry.version !== ifVersion) return undefined;
    const outcome = await commitOne(dict, ifVersion, { kind: "remove", key: found.keyBytes }, call);
    return outcome.committed ? found.entry.value : undefined;
  });
}

/** Moves the end of an entry; false if there is none. */
export async function touch(
  access: DictAccess,
  key: unknown,
  ttlMs: TouchChange["ttlMs"],
  call: ShareTime,
): Promise<boolean> {
  const keyBytes = access.codec.encodeKey(key);
  return access.beyondModal("touch", call, async (dict) => {
    const touchAt = async (form: Uint8Array): Promise<boolean> => {
      const outcome = await commitOne(dict, undefined, { kind: "touch", key: form, ttlMs }, call);
      return (outcome as Committed).results[0]!.version !== undefined;
    };
    if (await touchAt(keyBytes)) return true;
    return (await access.codec.elsewhere(key, touchAt, { inTurn: true })) ?? false;
  });
}

/** An addition, with its numbers as pickles. */
export function additionOf(
  method: string,
  access: DictAccess,
  key: unknown,
  by: number | bigint,
  { initial, min, max, ttlMsOnCreate }: IncrementOptions,
): AddChange {
  checkArgument(method, "by", finiteToAdd, by);
  // A number holds no handles, so it is encoded at once.
  const pickled = (number: number | bigint | undefined) =>
    number === undefined ? undefined : (access.codec.encodeValue(number, noCall) as Uint8Array);
  return {
    kind: "add",
    key: access.codec.encodeKey(key),
    by: pickled(by)!,
    initial: pickled(initial),
    min: pickled(min),
    max: pickled(max),
    ttlOnCreateMs: ttlMsOnCreate,
  };
}

const noCall: ShareTime = () => undefined;

/** Adds to a number and resolves to the sum. */
export async function increment(
  access: DictAccess,
  key: unknown,
  by: number | bigint,
  options: IncrementOptions,
  call: ShareTime,
): Promise<number | bigint> {
  const change = additionOf("increment", access, key, by, options);
  const outcome = await access.beyondModal("increment", call, (dict) =>
    commitOne(dict, undefined, change, call),
  );
  if (outcome.committed) return sumOf(access, outcome.results[0]!.value!);
  const where = `the entry of key ${describeKey(key)} in ${access.handle.describe()}`;
  if (outcome.reason === "not_a_number") {
    throw createError("not_a_number", `${where} is not a number, so nothing can be added to it`);
  }
  throw createError(
    "out_of_bounds",
    `with ${by} more, ${where} would be out of bounds: ${boundsOf(options)}`,
  );
}

function boundsOf({ min, max }: IncrementOptions): string {
  const given = [...(min === undefined ? [] : [`min ${min}`]), ...(max === undefined ? [] : [`max ${max}`])];
  return given.join(", ") || "a sum is an int of at most 255 bytes, or a float that can hold it";
}

/** The sum that a service wrote. */
export function sumOf(access: DictAccess, bytes: Uint8Array): number | bigint {
  const sum = access.codec.decodeValue(bytes);
  return sum instanceof PyFloat ? sum.value : (sum as number | bigint);
}
