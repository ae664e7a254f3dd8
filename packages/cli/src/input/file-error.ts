import { CliError } from "../cli-error.ts";
import { isOfPath, systemReason } from "./system-reason.ts";

/** Turns the system's error about a file into one line. Any other error is returned as it is. */
export function fileError(caught: unknown, what: string, directory: string): unknown {
  const { syscall, path } = (caught ?? {}) as NodeJS.ErrnoException;
  if (syscall === undefined) return caught;
  const about = path === undefined ? "" : ` (${path})`;
  const reason = isOfPath(caught) ? "usage" : "failed";
  return new CliError(reason, `cannot ${what} ${directory}: ${systemReason(caught)}${about}`, {
    cause: caught,
  });
}
