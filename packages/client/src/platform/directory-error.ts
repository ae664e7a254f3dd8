import { createError, type ErrorCode, EverdictError, errorFrom } from "@everdict/protocol";

/** What the system says of a place, as a code of the table and in words. */
const reasons: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  EEXIST: ["invalid_argument", "there is a file of this name, not a directory"],
  ENOTDIR: ["invalid_argument", "a part of the path is a file, not a directory"],
  ENAMETOOLONG: ["invalid_argument", "the path, or a name in it, is longer than the file system takes"],
  ELOOP: ["invalid_argument", "a symbolic link in the path leads back to itself"],
  ENOENT: ["invalid_argument", "a part of the path is not there and cannot be made"],
  ERR_INVALID_ARG_VALUE: ["invalid_argument", "the path has a NUL character"],
  EACCES: ["permission_denied", "this user may not use it (permission denied)"],
  EPERM: ["permission_denied", "this user may not use it (operation not permitted)"],
  EROFS: ["permission_denied", "its file system is read-only"],
  ENOSPC: ["store_full", "its disk is full"],
  EDQUOT: ["store_full", "the disk quota of this user is used up"],
  EMFILE: ["unavailable", "this process has as many files open as it may have (ulimit -n)"],
  ENFILE: ["unavailable", "this machine has as many files open as it may have"],
  EIO: ["data_loss", "its disk fails"],
};

/**
 * The error of a directory that the system or the store cannot open. It puts the system's code into words, with the
 * place and with what to do.
 */
export function directoryError(caught: unknown, directory: string): EverdictError {
  if (caught instanceof EverdictError) return withAdvice(caught, directory);
  const { code = "", syscall } = (caught ?? {}) as NodeJS.ErrnoException;
  const reason = reasons[code];
  if (reason === undefined && syscall === undefined) return errorFrom(caught);
  const [table, words] = reason ?? ["unavailable" as const, (caught as Error).message];
  const advice =
    table === "invalid_argument" || table === "permission_denied" ? ". Name another with file:DIRECTORY" : "";
  return createError(table, `the data directory ${shortened(directory)} cannot be used: ${words}${advice}`, {
    cause: caught,
  });
}

/** Errors of the store name what is wrong in the directory, and not which directory that is. */
function withAdvice(error: EverdictError, directory: string): EverdictError {
  if (error.code !== "data_loss") return error;
  const advice = `\`everdict doctor ${shortened(directory)}\` says what is left, and with --salvage saves it elsewhere`;
  return createError("data_loss", `${error.message}, in ${shortened(directory)}. ${advice}`, {
    cause: error,
  });
}

const shownMax = 200;

function shortened(path: string): string {
  return path.length <= shownMax ? path : `${path.slice(0, shownMax)}…`;
}
