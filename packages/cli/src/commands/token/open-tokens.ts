import { stat } from "node:fs/promises";
import type { TokenFile } from "@everdict/server";
import type { CliContext } from "../../cli-context.ts";
import { usageError } from "../../cli-error.ts";
import { type DataDirectoryOptions, dataDirectory } from "../../data-directory.ts";
import { systemReason } from "../../input/read-text.ts";

/**
 * Opens the tokens of the data directory. A server that runs on it sees changes within a second.
 *
 * @param mustExist refuse rather than make the directory, so that a mistyped path is not taken for an empty one.
 */
export async function openTokens(
  context: CliContext,
  options: DataDirectoryOptions,
  { mustExist }: { readonly mustExist: boolean },
): Promise<TokenFile> {
  const directory = dataDirectory(context, options);
  const { openTokenFile } = await import("@everdict/server");
  try {
    if (mustExist) await stat(directory);
    return await openTokenFile(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw usageError(
      `cannot use data directory ${directory}: ${systemReason(error)}`,
      "say which with --data-dir",
    );
  }
}
