import type { TimeToLiveMs } from "@everdict/protocol";
import type { Option } from "commander";
import { usageError } from "../cli-error.ts";
import { parsedOption } from "../commands/new-command.ts";
import { parseDurationMs } from "./parse-duration.ts";

/** How long an entry lives, in milliseconds. */
export interface TtlOptions {
  // Commander takes null for an option without a value.
  readonly ttl?: number | "never";
}

/** The option that says how long an entry lives; `ofWhat` ends its description. */
export function ttlOption(ofWhat: string): Option {
  return parsedOption(
    "--ttl <duration>",
    `how long it lives from now on, for instance 30s, or never (default: as the dict's policy says)${ofWhat}`,
    parseTtl,
  );
}

/** As the client takes it; undefined where nothing was said. */
export function ttlMsOf({ ttl }: TtlOptions): TimeToLiveMs | undefined {
  return ttl === "never" ? null : ttl;
}

function parseTtl(text: string): number | "never" {
  if (text === "never") return text;
  if (!/^\d/.test(text))
    throw usageError(`'${text}' is not a time to live; use never, or a duration: 30s, 7d`);
  return parseDurationMs(text);
}
