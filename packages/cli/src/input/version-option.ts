import type { Version } from "@everdict/protocol";
import type { Option } from "commander";
import { usageError } from "../cli-error.ts";
import { parsedOption } from "../commands/new-command.ts";

/** Which version the entry must have. */
export interface VersionOptions {
  readonly ifVersion?: Version;
}

/** The option that says which version the entry must have. */
export function versionOption(): Option {
  return parsedOption(
    "--if-version <version>",
    "only if the entry has this version, which `dict entry` prints",
    parseVersion,
  );
}

function parseVersion(text: string): Version {
  if (/^[0-9a-f]{16}$/i.test(text)) return text.toLowerCase();
  throw usageError(`'${text}' is not a version; \`dict entry NAME KEY\` prints it: 16 hexadecimal digits`);
}
