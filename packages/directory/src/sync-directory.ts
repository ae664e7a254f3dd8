import { open } from "node:fs/promises";

/** Makes what was created, renamed and removed in a directory durable. */
export async function syncDirectory(directory: string): Promise<void> {
  // Windows has no way to open a directory for syncing; NTFS journals its entries.
  if (process.platform === "win32") return;
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
