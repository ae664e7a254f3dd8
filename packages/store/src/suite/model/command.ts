import type { ExpiryPolicy } from "@everdict/protocol";

/**
 * The clock of a model run moves in whole ticks. The life after use is no multiple of a tick, and the slack
 * that the contract allows after it does not reach the next tick: so stores must agree at every tick.
 */
export const tickMs = 1_000;

/** The policies that a run chooses from. */
export const policies: readonly ExpiryPolicy[] = [
  { policy: "never" },
  { policy: "afterWrite", ttlMs: 5 * tickMs },
  { policy: "afterUse", ttlMs: 7.5 * tickMs },
];

/** A value as data: so many bytes that depend on `seed`, or a number that can be added to. */
export type ValueSpec = { readonly length: number; readonly seed: number } | { readonly number: number };

/**
 * A time to live of one entry: half a tick more than so many, for the same reason as the life after use. null: for ever.
 * Absent: as the policy says.
 */
export type TtlSpec = number | null | undefined;

/** Key number, value and time to live. */
export type EntrySpec = readonly [key: number, value: ValueSpec, ttl?: TtlSpec];

/** A condition of a commit. A version is one that the store told of the key: the last one, or the one before. */
export interface ConditionSpec {
  readonly key: number;
  readonly expected: "absent" | "present" | "last" | "former";
}

/** A change of a commit. */
export type ChangeSpec =
  | { readonly make: "put"; readonly key: number; readonly value: ValueSpec; readonly ttl?: TtlSpec }
  | { readonly make: "remove"; readonly key: number }
  | {
      readonly make: "add";
      readonly key: number;
      readonly by: number;
      readonly initial?: number | undefined;
      readonly max?: number | undefined;
      readonly ttl?: TtlSpec;
    }
  | { readonly make: "touch"; readonly key: number; readonly ttl?: TtlSpec };

/** The calls that remove one entry, under an idempotency key. */
export const removals = ["pop", "remove"] as const;
/** One of {@link removals}. */
export type Removal = (typeof removals)[number];

/** Checks and changes: of one key, or of several where the store can do that. */
export interface CommitSpec {
  readonly do: "commit";
  readonly dict: number;
  readonly conditions: readonly ConditionSpec[];
  readonly changes: readonly ChangeSpec[];
  readonly idempotencyKey?: number | undefined;
}

/** A change of entries; several of them, of several clients, can be under way at once. */
export type EntryChange =
  | { readonly do: "update"; readonly dict: number; readonly entries: readonly EntrySpec[] }
  | {
      readonly do: "putIfAbsent";
      readonly dict: number;
      readonly key: number;
      readonly value: ValueSpec;
      readonly idempotencyKey?: number | undefined;
    }
  | {
      readonly do: Removal;
      readonly dict: number;
      readonly key: number;
      readonly idempotencyKey?: number | undefined;
    }
  | {
      readonly do: "removeMany";
      readonly dict: number;
      readonly keys: readonly number[];
      readonly idempotencyKey?: number | undefined;
    }
  | CommitSpec
  | { readonly do: "clear"; readonly dict: number };

/**
 * One step of a model run, as plain data that can be printed and run again.
 *
 * `environment` and `dict` are places for ids: a creation puts the id there, the others take what is there,
 * also when it was deleted since. Names and idempotency keys are numbers too.
 */
export type Command =
  | EntryChange
  | { readonly do: "together"; readonly changes: readonly EntryChange[] }
  | { readonly do: "createEnvironment"; readonly environment: number; readonly name: number }
  | {
      readonly do: "updateEnvironment";
      readonly environment: number;
      readonly name?: number | undefined;
      readonly webSuffix?: number | undefined;
    }
  | { readonly do: "deleteEnvironment"; readonly environment: number }
  | { readonly do: "listEnvironments" }
  | { readonly do: "findEnvironment"; readonly name: number }
  | {
      readonly do: "createDict";
      readonly dict: number;
      readonly environment: number;
      /** Absent: anonymous, for `lifeTicks`. */
      readonly name?: number | undefined;
      readonly lifeTicks: number;
      readonly policy: number;
      readonly data: readonly EntrySpec[];
      readonly idempotencyKey?: number | undefined;
    }
  | { readonly do: "deleteDict" | "getDict" | "len" | "contents"; readonly dict: number }
  | { readonly do: "extendDict"; readonly dict: number; readonly lifeTicks: number }
  | { readonly do: "findDict"; readonly environment: number; readonly name: number }
  | {
      readonly do: "listDicts";
      readonly environment: number;
      readonly maxObjects?: number | undefined;
      /** Only those older than the dictionary in this place. */
      readonly before?: number | undefined;
    }
  | { readonly do: "get" | "contains" | "entry"; readonly dict: number; readonly key: number }
  | { readonly do: "getMany"; readonly dict: number; readonly keys: readonly number[] }
  /** All pages of so many entries, of keys that begin as one of them or of all. */
  | {
      readonly do: "pages";
      readonly dict: number;
      readonly limit: number;
      readonly prefix?: number | undefined;
    }
  | { readonly do: "advance"; readonly ticks: number }
  | { readonly do: "sweep" }
  /** Lets so many turns of the event loop pass, in which a store does what it does in the background. */
  | { readonly do: "rest"; readonly turns: number }
  /** How, by its place among the ways that the store under test has. */
  | { readonly do: "reopen"; readonly how: number };
