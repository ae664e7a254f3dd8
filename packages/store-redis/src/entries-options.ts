import type { CallerTokens } from "./caller-tokens.ts";
import type { DictDirectory } from "./dict-directory.ts";
import type { OpenDict } from "./open-dict.ts";
import type { StoreContext } from "./store-context.ts";

/** What the operations on entries need besides the context. */
export interface EntriesOptions {
  readonly context: StoreContext;
  readonly directory: DictDirectory;
  readonly tokens: CallerTokens;
  /** Sees to it that a dictionary with large values is swept. */
  readonly noteLarge: (dict: OpenDict) => Promise<void>;
}
