import { realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";

/** The path of a file or directory without symbolic links, as far as it is there. */
export function realPath(path: string): string {
  const absolute = resolve(path);
  try {
    return realpathSync.native(absolute);
  } catch {
    // What is not there, or may not be looked at, has no other name that is known.
    const parent = dirname(absolute);
    return parent === absolute ? absolute : join(realPath(parent), basename(absolute));
  }
}
