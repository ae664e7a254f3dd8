import { CliError } from "../cli-error.ts";
import { systemReason } from "./read-text.ts";

/** Turns what the system says of a file into one line; anything else is returned as it is. */
export function fileError(caught: unknown, what: string, directory: string): unknown {
  const { syscall, path } = (caught ?? {}) as NodeJS.ErrnoException;
  if (syscall === undefined) return caught;
  const about = path === undefined ? "" : ` (${path})`;
  return new CliError("failed", `cannot ${what} ${directory}: ${systemReason(caught)}${about}`, {
    cause: caught,
  });
}
