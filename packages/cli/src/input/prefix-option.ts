import { type KeyPrefix, keyPrefix, SerializationError } from "@everdict/pickle";
import { decodeShownKey } from "@everdict/pickle/show";
import type { KeyPattern } from "@everdict/protocol";
import { type Command, Option } from "commander";
import type { DictPrefix } from "everdict";
import { usageError } from "../cli-error.ts";
import { parseJson } from "../values/parse-json.ts";

/** How keys begin. */
export interface PrefixOptions {
  readonly prefix?: string;
  readonly prefixJson?: string;
}

/** Which keys are wanted. */
export interface KeyFilter {
  /** For the store. Absent: all. */
  readonly match?: readonly KeyPattern[] | undefined;
  /** For a key that the store found. */
  has(key: Uint8Array): boolean;
}

/** Adds the options that say how keys begin. */
export function addPrefixOptions(command: Command): Command {
  return command
    .option("--prefix <text>", "only keys that are texts and begin so")
    .addOption(
      new Option(
        "--prefix-json <json>",
        "only keys that are tuples with these first elements, a JSON array: '[\"user\", 42]'",
      ).conflicts("prefix"),
    );
}

/** What the options ask for. @throws {CliError} if no key can begin so */
export function readPrefix(options: PrefixOptions): KeyFilter {
  const start = prefixOf(options);
  if (start === undefined) return { has: () => true };
  const { patterns, has } = keysWith(start, options);
  return { match: patterns, has: (key) => has(decodeShownKey(key)) };
}

/** The prefix itself, if one is given. @throws {CliError} if no key can begin so */
export function prefixOf(options: PrefixOptions): DictPrefix | undefined {
  const { prefix, prefixJson } = options;
  if (prefixJson === undefined) return prefix;
  const start = parseJson(prefixJson, "--prefix-json");
  keysWith(start, options);
  return start as DictPrefix;
}

function keysWith(start: unknown, { prefixJson }: PrefixOptions): KeyPrefix {
  try {
    return keyPrefix(start);
  } catch (error) {
    if (!(error instanceof SerializationError)) throw error;
    throw usageError(`${prefixJson === undefined ? "--prefix" : "--prefix-json"}: ${error.message}`);
  }
}
