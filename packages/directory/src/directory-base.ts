import { type FileHandle, open, realpath } from "node:fs/promises";
import { join } from "node:path";

/** A directory by what it is and not by its name, so that renaming it or its parents changes nothing. */
export interface DirectoryBase {
  /** A path that leads into it as long as this is open, short enough for that of a socket (107 bytes). */
  readonly path: string;
  /** Gives the descriptor back. */
  close(): Promise<void>;
}

/** Opens a directory. Where a descriptor has no path, that is anywhere but on Linux, its real path stands in for it. */
export async function openBase(directory: string): Promise<DirectoryBase> {
  if (process.platform === "linux") {
    const handle = await open(directory, "r");
    if (await hasPath(handle)) return { path: pathOf(handle), close: () => handle.close() };
    await handle.close();
  }
  return { path: await realpath(directory), close: async () => {} };
}

/** A file in a directory. */
export function within(base: DirectoryBase, name: string): string {
  return join(base.path, name);
}

function pathOf({ fd }: FileHandle): string {
  return `/proc/self/fd/${fd}`;
}

/** Not where `/proc` is not mounted. */
async function hasPath(handle: FileHandle): Promise<boolean> {
  return realpath(pathOf(handle)).then(
    () => true,
    () => false,
  );
}
