import { CliError } from "../cli-error.ts";
import { systemReason } from "./read-text.ts";

/** Errors of a path as it was given, not of a disk. */
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

/** Turns the system's error about a file into one line. Any other error is returned as it is. */
export function fileError(caught: unknown, what: string, directory: string): unknown {
  const { syscall, path, code = "" } = (caught ?? {}) as NodeJS.ErrnoException;
  if (syscall === undefined) return caught;
  const about = path === undefined ? "" : ` (${path})`;
  const reason = wrongPathCodes.has(code) ? "usage" : "failed";
  return new CliError(reason, `cannot ${what} ${directory}: ${systemReason(caught)}${about}`, {
    cause: caught,
  });
}
