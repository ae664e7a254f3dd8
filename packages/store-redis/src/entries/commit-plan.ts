import {
  type AddChange,
  type Change,
  type CommitRequest,
  type Condition,
  createError,
  type TimeToLiveMs,
} from "@everdict/protocol";
import { fieldOf } from "./owned-entry.ts";
import { shardOfField } from "./write-parts.ts";

/** A commit whose bytes belong to us, with fields in place of keys. */
export interface CommitPlan {
  readonly conditions: readonly { readonly field: Buffer; readonly expected: Condition["expected"] }[];
  readonly changes: readonly PlannedChange[];
}

/** A change of a commit. */
export type PlannedChange =
  | {
      readonly kind: "put";
      readonly field: Buffer;
      readonly value: Buffer;
      readonly ttlMs: TimeToLiveMs | undefined;
    }
  | { readonly kind: "remove"; readonly field: Buffer }
  | { readonly kind: "touch"; readonly field: Buffer; readonly ttlMs: TimeToLiveMs | undefined }
  | { readonly kind: "add"; readonly field: Buffer; readonly numbers: AddChange };

/** Copies a commit: the caller may reuse its buffers at once. */
export function planOf({ conditions, changes }: CommitRequest): CommitPlan {
  return {
    conditions: conditions.map(({ key, expected }) => ({ field: fieldOf(key), expected })),
    changes: changes.map(plannedChange),
  };
}

function plannedChange(change: Change): PlannedChange {
  const field = fieldOf(change.key);
  switch (change.kind) {
    case "put":
      return { kind: "put", field, value: Buffer.from(change.value), ttlMs: change.ttlMs };
    case "remove":
      return { kind: "remove", field };
    case "touch":
      return { kind: "touch", field, ttlMs: change.ttlMs };
    case "add": {
      const { by, initial, min, max } = change;
      const numbers = { by: Buffer.from(by), initial: copy(initial), min: copy(min), max: copy(max) };
      return { kind: "add", field, numbers: { ...change, ...numbers } };
    }
  }
}

function copy(bytes: Uint8Array | undefined): Buffer | undefined {
  return bytes && Buffer.from(bytes);
}

/**
 * The shard that all keys of a commit are in; the first if it has none.
 *
 * @throws `unsupported` if they are in several
 */
export function shardOfPlan({ conditions, changes }: CommitPlan, shards: number): number {
  let only: number | undefined;
  for (const { field } of [...conditions, ...changes]) {
    const shard = shardOfField(field, shards);
    only ??= shard;
    if (shard === only) continue;
    throw createError(
      "unsupported",
      `the keys of this commit are in several of the dictionary's ${shards} shards, and a cluster changes only one shard ` +
        "at a time: create the dictionary with `shards: 1`, or read and write its keys one by one",
    );
  }
  return only ?? 0;
}
