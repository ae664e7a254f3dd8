import { type DirectoryLock, type LockHolder, lockHolder, takeLock } from "@everdict/directory";
import { createError, type EverdictError } from "@everdict/protocol";

/** How long a start waits for an owner that is just ending, in milliseconds. */
const waitMs = 100;

/**
 * Makes this process the owner of a directory. The file layer's `lock`; see there.
 *
 * @throws `store_locked`, naming the pid and what to do
 */
export function ownDirectory(directory: string): Promise<DirectoryLock> {
  return takeLock(directory, { kind: "owner", waitMs, refusal: locked });
}

/** The pid of the process that owns a directory, and its host; undefined if none does. Removes nothing. */
export async function directoryOwner(
  directory: string,
): Promise<{ readonly pid: number; readonly host: string } | undefined> {
  const owner = await lockHolder(directory, "owner");
  return owner && { pid: owner.pid, host: owner.host };
}

function locked({ description, isUnseen, path }: LockHolder): EverdictError {
  const why = isUnseen ? ", which counts as alive because it cannot be seen from here" : "";
  const gone = isUnseen ? "if it is certainly gone" : "if that process is certainly gone";
  return createError(
    "store_locked",
    `the data directory is owned by process ${description}${why}: stop it or use another directory ` +
      `(${gone}, remove ${path})`,
  );
}
