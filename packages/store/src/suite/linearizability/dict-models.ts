import type { SequentialModel } from "./check-linearizable.ts";
import type { History } from "./history.ts";

/** What is asked of one key alone, and how often beside the others. */
export const keyOperations = { get: 6, contains: 3, pop: 5, remove: 4 } as const;
/** One of {@link keyOperations}. */
export type KeyOperation = keyof typeof keyOperations;

/** What is asked of one key. Values are texts; `undefined` is absence. */
export type EntryInput =
  | { readonly do: KeyOperation }
  | { readonly do: "put" | "putIfAbsent"; readonly value: string }
  /** The part of a `clear` that concerns this key. */
  | { readonly do: "clear" };

/** What is asked of a whole dictionary. */
export type DictInput =
  | { readonly do: KeyOperation; readonly key: string }
  | { readonly do: "putIfAbsent"; readonly key: string; readonly value: string }
  | { readonly do: "update"; readonly entries: readonly (readonly [key: string, value: string])[] }
  | { readonly do: "clear" | "len" };

/** An answer: a value, absence, whether, or how many. */
export type DictOutput = string | number | boolean | undefined;

/** One key. */
export const entryModel: SequentialModel<string | undefined, EntryInput, DictOutput> = {
  initial: undefined,
  apply: (state, input) => {
    switch (input.do) {
      case "get":
        return { state, output: state };
      case "contains":
        return { state, output: state !== undefined };
      case "pop":
        return { state: undefined, output: state };
      case "remove":
        return { state: undefined, output: state !== undefined };
      case "put":
        return { state: input.value, output: undefined };
      case "putIfAbsent":
        return { state: state ?? input.value, output: state === undefined };
      case "clear":
        return { state: undefined, output: undefined };
    }
  },
  stateText: (state) => (state === undefined ? "absent" : `=${state}`),
  isSameOutput: (a, b) => a === b,
};

type Content = ReadonlyMap<string, string>;

/** A whole dictionary: for short histories, since all its keys are one object. */
export const dictModel: SequentialModel<Content, DictInput, DictOutput> = {
  initial: new Map(),
  apply: (state, input) => {
    switch (input.do) {
      case "len":
        return { state, output: state.size };
      case "clear":
        return { state: new Map(), output: undefined };
      case "update":
        return { state: new Map([...state, ...input.entries]), output: undefined };
      default: {
        const { key, ...entryInput } = input;
        const { state: value, output } = entryModel.apply(state.get(key), entryInput);
        const after = new Map(state);
        if (value === undefined) after.delete(key);
        else after.set(key, value);
        return { state: after, output };
      }
    }
  },
  stateText: (state) =>
    [...state]
      .map(([key, value]) => `${key}=${value}`)
      .sort()
      .join(" "),
  isSameOutput: (a, b) => a === b,
};

/**
 * The history of each key in that of a dictionary. `len` concerns none of them and is left out; an `update` is a put
 * of each of its keys and a `clear` concerns all of them, each as if alone: that both happen at one instant for all
 * keys is for `dictModel` to check.
 */
export function historyByKey(
  history: History<DictInput, DictOutput>,
): ReadonlyMap<string, History<EntryInput, DictOutput>> {
  const byKey = new Map(keysOf(history).map((key) => [key, [] as History<EntryInput, DictOutput>[number][]]));
  for (const operation of history) {
    const { input } = operation;
    if (input.do === "clear") {
      for (const operations of byKey.values()) operations.push({ ...operation, input: { do: "clear" } });
    } else if (input.do === "update") {
      // Of equal keys the last wins.
      for (const [key, value] of new Map(input.entries)) {
        byKey.get(key)!.push({ ...operation, input: { do: "put", value } });
      }
    } else if ("key" in input) {
      const { key, ...entryInput } = input;
      byKey.get(key)!.push({ ...operation, input: entryInput });
    }
  }
  return byKey;
}

function keysOf(history: History<DictInput, DictOutput>): string[] {
  const keys = history.flatMap(({ input }) => {
    if (input.do === "update") return input.entries.map(([key]) => key);
    return "key" in input ? [input.key] : [];
  });
  return [...new Set(keys)];
}
