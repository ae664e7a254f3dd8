import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { randomText } from "./random-text.ts";

/**
 * Replaces a file so that a reader, and a crash at any moment, sees all of the old content or all of the new.
 * The file can be read by its owner alone (mode 0600). Resolves when the change is on disk.
 */
export async function writeAtomically(path: string, content: string): Promise<void> {
  const temporary = `${path}.${process.pid}.${randomText(8)}.tmp`;
  try {
    const file = await open(temporary, "wx", 0o600);
    await finish(file, async () => {
      await file.writeFile(content);
      await file.sync();
    });
    await rename(temporary, path);
  } catch (caught) {
    await rm(temporary, { force: true });
    throw caught;
  }
  // The new name is only certain to survive a crash when the directory is on disk as well.
  const directory = await open(dirname(path), "r");
  await finish(directory, () => directory.sync());
}

async function finish(file: FileHandle, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } finally {
    await file.close();
  }
}
