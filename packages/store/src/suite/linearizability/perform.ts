import type { DictInput, DictOutput } from "./dict-models.ts";
import type { CommitInput, KeyOperation, VersionedOutput } from "./entry-model.ts";

/** A dictionary of texts. */
export type TextDict = { readonly [Operation in KeyOperation]: (key: string) => Promise<DictOutput> } & {
  putIfAbsent(key: string, value: string): Promise<boolean>;
  putAll(entries: readonly (readonly [string, string])[]): Promise<void>;
  clear(): Promise<void>;
  len(): Promise<number>;
};

/** A dictionary of texts that stand for numbers, with what only those can do. */
export interface NumberDict extends TextDict {
  entry(key: string): Promise<VersionedOutput | undefined>;
  commit(key: string, input: CommitInput): Promise<VersionedOutput>;
  getMany(keys: readonly string[]): Promise<readonly (string | undefined)[]>;
}

/** Asks a dictionary. Commits, entries and values of many keys are asked of dictionaries of numbers only. */
export async function perform(dict: TextDict | NumberDict, input: DictInput): Promise<DictOutput> {
  const numbers = dict as NumberDict;
  switch (input.do) {
    case "putIfAbsent":
      return await dict.putIfAbsent(input.key, input.value);
    case "entry":
      return await numbers.entry(input.key);
    case "commit":
      return await numbers.commit(input.key, input);
    case "getMany":
      return await numbers.getMany(input.keys);
    case "len":
      return await dict.len();
    case "clear":
      await dict.clear();
      return undefined;
    case "update":
      await dict.putAll(input.entries);
      return undefined;
    default:
      return await dict[input.do](input.key);
  }
}
