import { createError } from "@everdict/protocol";
import type { FileLayer } from "./files.ts";

/** A file that is in a directory as long as a restore or a salvage into it is not complete. */
export const restoreMark = "restore-unfinished";

/** @throws `data_loss` if a restore or a salvage into the directory was not completed: a part of a log would look like a whole one */
export async function requireNoRestore(files: FileLayer, directory: string): Promise<void> {
  const names = await files.list(directory);
  if (!names.includes(restoreMark)) return;
  throw createError(
    "data_loss",
    "a restore or a salvage into this directory was not completed: run `everdict restore` or `everdict doctor --salvage` again, it starts anew",
  );
}
