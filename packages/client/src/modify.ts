import { type Change, type Condition, createError, systemTimers } from "@everdict/protocol";
import type { DictAccess } from "./dict-access.ts";
import { findEntry } from "./dict-changes.ts";
import { describeKey } from "./dict-codec.ts";
import type { HydratedDict } from "./dict-handle.ts";
import type { ModifyOptions } from "./dict-options.ts";
import { type ShareTime, waitForShared } from "./request-options.ts";

/** Returned by the function that `modify` takes, it means: remove the entry. */
export const removed: unique symbol = Symbol("removed");

/** Makes the next value of an entry from the present one; undefined: there is no entry. */
export type Modification<V> = (value: V | undefined) => V | typeof removed | Promise<V | typeof removed>;

/** Reads an entry and writes what comes of it, until nobody else has written in between. */
export async function modify(
  access: DictAccess,
  key: unknown,
  change: Modification<unknown>,
  { attemptsMax = Number.POSITIVE_INFINITY, ttlMs }: ModifyOptions,
  call: ShareTime,
): Promise<unknown> {
  const keyBytes = access.codec.encodeKey(key);
  return access.beyondModal("modify", call, async (dict) => {
    for (let attempt = 1; ; attempt++) {
      const beganAtMs = performance.now();
      const outcome = await modifyOnce(dict, access, { key, keyBytes, ttlMs }, change, call);
      if (outcome !== undefined) return outcome.value;
      if (attempt >= attemptsMax) {
        const message = `others changed the entry of key ${describeKey(key)} in ${access.handle.describe()} each time, and modify made attemptsMax ${attemptsMax} attempts`;
        throw createError("conflict", message);
      }
      await pause(pauseMs(attempt, performance.now() - beganAtMs), call);
    }
  });
}

interface Target {
  readonly key: unknown;
  readonly keyBytes: Uint8Array;
  readonly ttlMs: ModifyOptions["ttlMs"];
}

/** What was written; undefined if another write came between. */
async function modifyOnce(
  dict: HydratedDict,
  access: DictAccess,
  { key, keyBytes, ttlMs }: Target,
  change: Modification<unknown>,
  call: ShareTime,
): Promise<{ readonly value: unknown } | undefined> {
  const found = await findEntry(dict, access, key, call);
  const next = await change(found && access.codec.decodeValue(found.entry.value, { key }));
  if (next === undefined) {
    const message = "modify: the function returned undefined; to remove the entry it returns `removed`";
    throw createError("invalid_argument", message);
  }
  const isRemoval = next === removed;
  if (isRemoval && found === undefined) return { value: undefined };
  const at = found?.keyBytes ?? keyBytes;
  const expected: Condition["expected"] = found?.entry.version ?? "absent";
  const made: Change = isRemoval
    ? { kind: "remove", key: at }
    : { kind: "put", key: at, value: await access.codec.encodeValue(next, call), ttlMs };
  const request = { conditions: [{ key: at, expected }], changes: [made] };
  const { committed } = await dict.service.commit(dict.dictId, request, call());
  return committed ? { value: isRemoval ? undefined : next } : undefined;
}

const spreadMax = 16;
const spreadOfOld = 4;
const attemptMinMs = 0.5;
const attemptMaxMs = 50;

/**
 * How long to wait after an attempt that took so long: anywhere in a spread of attempts. The spread grows, so that many
 * callers come apart, and shrinks again for those that have waited for long, so that newcomers do not overtake them for ever.
 */
export function pauseMs(attempt: number, tookMs: number, random: () => number = Math.random): number {
  const grown = 2 ** Math.min(attempt, 30);
  const spread = grown <= spreadMax ? grown : Math.max(spreadOfOld, spreadMax ** 2 / grown);
  return random() * spread * Math.min(Math.max(tookMs, attemptMinMs), attemptMaxMs);
}

function pause(ms: number, call: ShareTime): Promise<unknown> {
  return waitForShared(new Promise<void>((resolve) => systemTimers.set(resolve, ms, false)), call());
}
