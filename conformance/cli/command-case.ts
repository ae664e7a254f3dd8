import type { PythonVersion } from "@everdict/testkit";
import type { Client } from "everdict";
import type { Pairs } from "../interop/interop-case.ts";

/** What a case's TypeScript part works with. */
export interface CommandContext {
  readonly client: Client;
  /** The name of the dict of the case's own. */
  readonly dict: string;
  /** The name of the environment of the case's own. */
  readonly environment: string;
  /** What the command wrote to standard output. */
  readonly stdout: string;
  /** The content of the Modal profile file after the command; empty if there is none. */
  readonly profileFile: string;
}

/**
 * One run of the real `modal` command: `python -m modal ARGS`.
 *
 * In `args` and in expected text, DICT stands for a dict of the case's own, which exists and holds `given`, FRESH
 * for a name that does not exist yet, ENV for an environment of the case's own, which exists if `environment`
 * says so, ID and SECRET for the server's token, and URL for its address.
 */
export interface CommandCase {
  /** The behaviour, in a sentence. */
  readonly name: string;
  readonly from?: PythonVersion;
  readonly until?: PythonVersion;
  /** What TypeScript puts into DICT before. */
  readonly given?: Pairs;
  /** Whether ENV exists before. Default: false. */
  readonly environment?: boolean;
  readonly args: readonly string[];
  /** What is on standard input; it is no terminal. */
  readonly input?: string;
  /** Variables instead of the usual ones; an empty text unsets one. */
  readonly env?: Readonly<Record<string, string>>;
  /** What the profile file holds before. */
  readonly profileFile?: string;
  readonly exitCode: number;
  /** Standard output: exactly this text (trailing blanks of lines aside), or something that matches. */
  readonly stdout: string | RegExp;
  /** Standard error must match this. Default: it must be empty. */
  readonly stderr?: RegExp;
  /** What TypeScript then sees. */
  readonly typescript: (context: CommandContext) => Promise<void>;
}
