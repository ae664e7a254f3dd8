/**
 * How many files this process may have open, and the error when they are too few. Loading the program needs about a
 * hundred at once. So this runs before anything else is loaded, and imports nothing of ours.
 */

import { readFileSync } from "node:fs";

/**
 * The soft limit, which the platform raised to the hard one when it started; undefined if it is not known. It is read
 * at once, because it cannot be read when too many files are open.
 */
export const openFilesLimit: number | undefined = readLimit();

/** How many files a server needs at least: a hundred to start, the files of its store, and some connections. */
export const serverOpenFilesMin = 128;

/** Why something cannot go on, and what to do. */
export interface OpenFilesTrouble {
  readonly message: string;
  readonly hint: string;
}

/** Whether an error says that too many files are open, in this process or on the machine. */
export function isOpenFilesError(error: unknown): boolean {
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  return code === "EMFILE" || code === "ENFILE";
}

/** The message about such an error, or about a limit that is too low. */
export function openFilesTrouble(): OpenFilesTrouble {
  const limit = openFilesLimit;
  const present = limit === undefined ? "it may have open" : `the ${limit} that it may have open (ulimit -n)`;
  return {
    message:
      `this process needs more open files than ${present}: a server needs ${serverOpenFilesMin} at least, and one more ` +
      "for each connection and for each 64 MiB of data",
    hint:
      "raise the limit: `ulimit -n 4096` in the shell that starts it, LimitNOFILE=4096 for systemd, " +
      "--ulimit nofile=4096 for docker",
  };
}

function readLimit(): number | undefined {
  try {
    const soft = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "latin1"))?.[1];
    return soft === undefined ? undefined : Number(soft);
  } catch {
    return undefined;
  }
}
