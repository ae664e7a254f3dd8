import { CliError } from "../cli-error.ts";
import { systemReason } from "./read-text.ts";

/** What is wrong with a path as it was given, rather than with a disk. */
const wrongPathCodes = new Set([
  "ENOENT",
  "ENOTDIR",
  "EEXIST",
  "EISDIR",
  "EACCES",
  "EPERM",
  "EROFS",
  "ENAMETOOLONG",
  "ELOOP",
]);

/** Turns what the system says of a file into one line; anything else is returned as it is. */
export function fileError(caught: unknown, what: string, directory: string): unknown {
  const { syscall, path, code = "" } = (caught ?? {}) as NodeJS.ErrnoException;
  if (syscall === undefined) return caught;
  const about = path === undefined ? "" : ` (${path})`;
  const reason = wrongPathCodes.has(code) ? "usage" : "failed";
  return new CliError(reason, `cannot ${what} ${directory}: ${systemReason(caught)}${about}`, {
    cause: caught,
  });
}
