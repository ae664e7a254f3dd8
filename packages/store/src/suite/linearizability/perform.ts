import type { DictInput, DictOutput } from "./dict-models.ts";

/** A dictionary of texts. */
export interface TextDict {
  get(key: string): Promise<string | undefined>;
  contains(key: string): Promise<boolean>;
  pop(key: string): Promise<string | undefined>;
  remove(key: string): Promise<boolean>;
  putIfAbsent(key: string, value: string): Promise<boolean>;
  putAll(entries: readonly (readonly [string, string])[]): Promise<void>;
  clear(): Promise<void>;
  len(): Promise<number>;
}

/** Asks a dictionary. */
export async function perform(dict: TextDict, input: DictInput): Promise<DictOutput> {
  switch (input.do) {
    case "get":
      return await dict.get(input.key);
    case "contains":
      return await dict.contains(input.key);
    case "pop":
      return await dict.pop(input.key);
    case "remove":
      return await dict.remove(input.key);
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
  }
}
