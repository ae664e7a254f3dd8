import type { SequentialModel } from "./check-linearizable.ts";

/** What is asked of one key alone, and how often beside the others. */
export const keyOperations = { get: 6, contains: 3, pop: 5, remove: 4 } as const;
/** One of {@link keyOperations}. */
export type KeyOperation = keyof typeof keyOperations;

/** A commit of one key. */
export interface CommitInput {
  readonly do: "commit";
  /** `absent`, `present`, or a version that the client was told. Absent: no condition. */
  readonly expected?: string | undefined;
  readonly change:
    | { readonly kind: "put"; readonly value: string }
    | { readonly kind: "add"; readonly by: number; readonly max?: number | undefined }
    | { readonly kind: "remove" | "touch" };
  /** Names the write, if this is one. */
  readonly write: string;
}

/** What is asked of one key. Values are texts that differ from put to put; `undefined` is absence. */
export type EntryInput =
  | { readonly do: KeyOperation | "entry" }
  | { readonly do: "put" | "putIfAbsent"; readonly value: string }
  | CommitInput
  /** The part of a `clear` that concerns this key. */
  | { readonly do: "clear" };

/** An entry, or what a commit did: `found` and `version` are versions. */
export interface VersionedOutput {
  readonly committed?: boolean | undefined;
  readonly value?: string | undefined;
  readonly version?: string | undefined;
  readonly reason?: string | undefined;
  readonly found?: string | undefined;
}

/** An answer: a value, absence, whether, how many, or something with versions. */
export type EntryOutput = string | number | boolean | undefined | VersionedOutput;

/** A value, and which write it is of: that of a put is named by its value. */
export interface EntryState {
  readonly value: string;
  readonly write: string;
}

/** Stands for a version of a write that nobody was told of. */
export const unknownWrite = "?";

/** One key. Versions are the names of writes: see `named-writes.ts`. */
export const entryModel: SequentialModel<EntryState | undefined, EntryInput, EntryOutput> = {
  initial: undefined,
  apply: (state, input) => {
    switch (input.do) {
      case "get":
        return { state, output: state?.value };
      case "contains":
        return { state, output: state !== undefined };
      case "entry":
        return { state, output: state && { value: state.value, version: state.write } };
      case "pop":
        return { state: undefined, output: state?.value };
      case "remove":
        return { state: undefined, output: state !== undefined };
      case "put":
        return { state: written(input.value), output: undefined };
      case "putIfAbsent":
        return { state: state ?? written(input.value), output: state === undefined };
      case "commit":
        return holds(state, input) ? changed(state, input) : refused(state, "condition");
      case "clear":
        return { state: undefined, output: undefined };
    }
  },
  stateText: (state) => (state === undefined ? "absent" : `=${state.value} of ${state.write}`),
  isSameOutput,
};

/** Whether an answer that was seen is the one that a model gives. */
export function isSameOutput(seen: EntryOutput, expected: EntryOutput): boolean {
  if (typeof seen !== "object" || typeof expected !== "object") return seen === expected;
  return (
    seen.committed === expected.committed &&
    seen.value === expected.value &&
    seen.reason === expected.reason &&
    isSameWrite(seen.version, expected.version) &&
    isSameWrite(seen.found, expected.found)
  );
}

function isSameWrite(seen: string | undefined, expected: string | undefined): boolean {
  return seen === expected || (seen === unknownWrite && expected !== undefined);
}

interface Step {
  readonly state: EntryState | undefined;
  readonly output: VersionedOutput;
}

function written(value: string): EntryState {
  return { value, write: value };
}

function holds(state: EntryState | undefined, { expected }: CommitInput): boolean {
  if (expected === undefined) return true;
  if (expected === "absent") return state === undefined;
  return state !== undefined && (expected === "present" || expected === state.write);
}

function refused(state: EntryState | undefined, reason: string): Step {
  return { state, output: { committed: false, reason, found: state?.write } };
}

function changed(state: EntryState | undefined, { change, write }: CommitInput): Step {
  switch (change.kind) {
    case "put":
      return { state: written(change.value), output: { committed: true, version: change.value } };
    case "remove":
      return { state: undefined, output: { committed: true, version: state?.write } };
    case "touch":
      return { state, output: { committed: true, version: state?.write } };
    case "add": {
      const sum = Number(state?.value ?? 0) + change.by;
      if (change.max !== undefined && sum > change.max) return refused(state, "out_of_bounds");
      const value = String(sum);
      return { state: { value, write }, output: { committed: true, version: write, value } };
    }
  }
}
