/**
 * Data is only for the user who runs the process: directories have mode 0700 and files 0600, whatever the umask is. A
 * directory that an older version left readable is closed to others. A directory that others may write to is refused:
 * they could have put anything there, and could give themselves access.
 */

import { constants, type Stats } from "node:fs";
import { access, chmod, lstat, mkdir, readdir, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { createError } from "@everdict/protocol";
import { isLockName } from "./lock-file.ts";
import { syncDirectory } from "./sync-directory.ts";

/** The mode of a file that only its user may use. */
export const privateFileMode = 0o600;
const privateDirectoryMode = 0o700;
const othersMask = 0o077;
const othersWriteMask = 0o022;
/** As `/tmp` has it. */
const stickyBit = 0o1000;

/**
 * Makes a directory and its parents, durably, that only this user may use. If the directory exists, it takes away the
 * rights of others to read it and its files, and tells `onTightened`.
 *
 * @throws `conflict` if others may write to the directory or a file in it, with the command that ends it; and what the
 *   system says
 */
export async function makePrivateDirectory(
  directory: string,
  onTightened: (message: string) => void,
): Promise<void> {
  const isNew = await makeDurably(directory);
  // Windows has other rights than these.
  if (isNew || process.getuid === undefined) return;
  const stats = await stat(directory);
  const { mode } = stats;
  const open = [{ path: directory, mode }, ...(await filesIn(directory))].filter(isOpen);
  if (open.length === 0 || (await isReadOnly(directory))) return;
  for (const each of open) if ((each.mode & othersWriteMask) !== 0) throw writable(directory, each, stats);
  let tightened = 0;
  for (const each of open) if (await tighten(each)) tightened++;
  if (tightened === 0) return;
  const what = (mode & othersMask) === 0 ? "" : `it had mode ${octal(mode)}, `;
  onTightened(
    `only this user may read the data directory ${directory} from now on: ${what}rights of others to ${tightened} ` +
      `${tightened === 1 ? "path" : "paths"} were taken away`,
  );
}

/** @returns whether it was not there */
async function makeDurably(directory: string): Promise<boolean> {
  const first = await mkdir(directory, { recursive: true, mode: privateDirectoryMode });
  if (first === undefined) return false;
  // Every directory that was made is an entry of its parent, up to the first one that existed.
  const top = dirname(resolve(first));
  for (let made = dirname(resolve(directory)); ; made = dirname(made)) {
    await syncDirectory(made);
    if (made === top || made === dirname(made)) return true;
  }
}

/** Nobody may write there, whatever the modes are: secrets that an orchestrator mounts, for instance. */
async function isReadOnly(directory: string): Promise<boolean> {
  return access(directory, constants.W_OK).then(
    () => false,
    (error: NodeJS.ErrnoException) => error.code === "EROFS",
  );
}

interface Path {
  readonly path: string;
  readonly mode: number;
}

function isOpen({ mode }: Path): boolean {
  return (mode & othersMask) !== 0;
}

/** Without those of locks: they hold nothing, and are of the living, who made them so, or of the dead, and go. */
async function filesIn(directory: string): Promise<Path[]> {
  const found: Path[] = [];
  for (const name of await readdir(directory)) {
    if (isLockName(name)) continue;
    const path = join(directory, name);
    const stats = await lstat(path).catch(gone);
    if (stats?.isFile() === true) found.push({ path, mode: stats.mode });
  }
  return found;
}

/** @returns whether others have no rights any more */
async function tighten({ path, mode }: Path): Promise<boolean> {
  try {
    await chmod(path, mode & 0o7700);
    return true;
  } catch (error) {
    // It belongs to another user, or its file system keeps no rights: what this process may do shows soon enough.
    const { code = "" } = error as NodeJS.ErrnoException;
    if (["EPERM", "ENOENT", "ENOTSUP"].includes(code)) return false;
    throw error;
  }
}

function writable(directory: string, { path, mode }: Path, { uid, mode: directoryMode }: Stats): Error {
  const what = path === directory ? "the data directory" : "a file of the data directory,";
  const isShared = (directoryMode & stickyBit) !== 0 || uid !== process.getuid?.();
  const quoted = `'${directory.replaceAll("'", "'\\''")}'`;
  const remedy = isShared
    ? "it is for others, too: use a directory of its own, in it or elsewhere"
    : `see that what is there is yours, then run: chmod -R go= ${quoted} (or use a directory of its own)`;
  return createError(
    "conflict",
    `others may write to ${what} ${path}, which has mode ${octal(mode)}: ${remedy}`,
  );
}

function octal(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, "0");
}

/** Somebody removed it meanwhile. */
function gone(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
  return undefined;
}
