import type { DictInput, DictOutput, KeyOperation } from "./dict-models.ts";

/** A dictionary of texts. */
export type TextDict = { readonly [Operation in KeyOperation]: (key: string) => Promise<DictOutput> } & {
  putIfAbsent(key: string, value: string): Promise<boolean>;
  putAll(entries: readonly (readonly [string, string])[]): Promise<void>;
  clear(): Promise<void>;
  len(): Promise<number>;
};

/** Asks a dictionary. */
export async function perform(dict: TextDict, input: DictInput): Promise<DictOutput> {
  switch (input.do) {
    case "putIfAbsent":
      return await dict.putIfAbsent(input.key, input.value);
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
