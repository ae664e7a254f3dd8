import type { SequentialModel } from "./check-linearizable.ts";
import {
  type CommitInput,
  type EntryInput,
  type EntryOutput,
  type EntryState,
  entryModel,
  isSameOutput,
  type KeyOperation,
} from "./entry-model.ts";
import type { History } from "./history.ts";
import { withNamedWrites } from "./named-writes.ts";

/** What is asked of a whole dictionary. */
export type DictInput =
  | { readonly do: KeyOperation | "entry"; readonly key: string }
  | { readonly do: "putIfAbsent"; readonly key: string; readonly value: string }
  | (CommitInput & { readonly key: string })
  | { readonly do: "update"; readonly entries: readonly (readonly [key: string, value: string])[] }
  /** Each key is read at an instant of its own. */
  | { readonly do: "getMany"; readonly keys: readonly string[] }
  | { readonly do: "clear" | "len" };

/** An answer of a dictionary: that of an entry, or of several. */
export type DictOutput = EntryOutput | readonly (string | undefined)[];

type Content = ReadonlyMap<string, EntryState>;
/** All but what is not at one instant. */
type WholeInput = Exclude<DictInput, { readonly do: "getMany" }>;

/** A whole dictionary: for short histories, since all its keys are one object. */
export const dictModel: SequentialModel<Content, WholeInput, EntryOutput> = {
  initial: new Map(),
  apply: (state, input) => {
    switch (input.do) {
      case "len":
        return { state, output: state.size };
      case "clear":
        return { state: new Map(), output: undefined };
      case "update": {
        const written = input.entries.map(([key, value]) => [key, { value, write: value }] as const);
        return { state: new Map([...state, ...written]), output: undefined };
      }
      default: {
        const { key, ...entryInput } = input;
        const { state: entry, output } = entryModel.apply(state.get(key), entryInput);
        const after = new Map(state);
        if (entry === undefined) after.delete(key);
        else after.set(key, entry);
        return { state: after, output };
      }
    }
  },
  stateText: (state) =>
    [...state]
      .map(([key, entry]) => `${key}${entryModel.stateText(entry)}`)
      .sort()
      .join(" "),
  isSameOutput,
};

/**
 * The history of each key in that of a dictionary. `len` concerns none of them and is left out; an `update` is a put
 * of each of its keys and a `clear` concerns all of them, each as if alone: that both happen at one instant for all
 * keys is for `dictModel` to check. A `getMany` is a get of each of its keys.
 */
export function historyByKey(
  history: History<DictInput, DictOutput>,
): ReadonlyMap<string, History<EntryInput, EntryOutput>> {
  const byKey = new Map(keysOf(history).map((key) => [key, [] as EntryOperation[]]));
  for (const operation of history) addTo(byKey, operation);
  return new Map([...byKey].map(([key, operations]) => [key, withNamedWrites(operations)]));
}

/** The history of a dictionary as one object. It must have nothing in it that is not at one instant. */
export function wholeHistoryOf(history: History<DictInput, DictOutput>): History<WholeInput, EntryOutput> {
  return withNamedWrites(history as History<WholeInput, EntryOutput>);
}

type DictOperation = History<DictInput, DictOutput>[number];
type EntryOperation = History<EntryInput, EntryOutput>[number];

function addTo(byKey: ReadonlyMap<string, EntryOperation[]>, operation: DictOperation): void {
  const { input, output } = operation;
  const add = (key: string, entryInput: EntryInput, value: EntryOutput) =>
    byKey.get(key)!.push({ ...operation, input: entryInput, output: output && { value } });
  switch (input.do) {
    case "len":
      return;
    case "clear":
      for (const key of byKey.keys()) add(key, { do: "clear" }, undefined);
      return;
    case "update":
      // Of equal keys the last wins.
      for (const [key, value] of new Map(input.entries)) add(key, { do: "put", value }, undefined);
      return;
    case "getMany": {
      const values = output?.value as readonly (string | undefined)[] | undefined;
      // JSON has null where something is missing from a list.
      for (const [index, key] of input.keys.entries()) add(key, { do: "get" }, values?.[index] ?? undefined);
      return;
    }
    default: {
      const { key, ...entryInput } = input;
      add(key, entryInput, output?.value as EntryOutput);
    }
  }
}

function keysOf(history: History<DictInput, DictOutput>): string[] {
  const keys = history.flatMap(({ input }) => {
    if (input.do === "update") return input.entries.map(([key]) => key);
    if (input.do === "getMany") return input.keys;
    return "key" in input ? [input.key] : [];
  });
  return [...new Set(keys)];
}
