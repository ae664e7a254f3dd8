import type { PythonVersion, Token } from "@everdict/testkit";
import type { Client, Dict, DictKey } from "everdict";

/** Entries as pairs of a key and a value. */
export type Pairs = readonly (readonly [key: DictKey, value: unknown])[];

/** What a case's TypeScript part works with. */
export interface CaseContext {
  readonly client: Client;
  /** A handle of the dict that Python's `d` is a handle of. */
  readonly dict: Dict;
  /** That dict's name. */
  readonly name: string;
  readonly version: PythonVersion;
  /** Where the server is and with which token, for connections of the case's own. */
  readonly connection: { readonly url: string } & Token;
  /** Runs more Python in the case's scope; answers the `repr` of the last expression. */
  readonly python: (code: string) => Promise<string>;
}

/** The exception that Python must raise: in general, and for clients that map errors otherwise. */
export type Raises = string | ({ readonly newest: string } & Partial<Record<PythonVersion, string>>);

/**
 * One thing that Python does, what Python then sees, and what TypeScript then sees.
 *
 * The Python snippet finds `modal`, a handle `d` of a dict of the case's own, and its `name`.
 */
export type InteropCase = {
  /** The behaviour, in a sentence. */
  readonly name: string;
  /** The first client that offers it. Default: the oldest. */
  readonly from?: PythonVersion;
  /** The last client that offers it. Default: the newest. */
  readonly until?: PythonVersion;
  /** What TypeScript puts into the dict before. */
  readonly given?: Pairs;
  readonly python: string;
} & (
  | {
      /** The `repr` of the snippet's last expression. */
      readonly result: string | RegExp;
    }
  | {
      /** The class, or a base class, of the exception. */
      readonly raises: Raises;
      /** What its text must say. */
      readonly message?: RegExp;
    }
) &
  (
    | {
        /** All entries that TypeScript then sees; each is looked up by its key too. */
        readonly holds: Pairs;
        readonly typescript?: (context: CaseContext) => Promise<void>;
      }
    | {
        readonly holds?: undefined;
        /** What TypeScript then sees. */
        readonly typescript: (context: CaseContext) => Promise<void>;
      }
  );
