/**
 * How an owner of a directory shows that it lives to those who cannot see its process: it listens on a socket in the
 * directory, which the kernel closes when the process ends, however that happens. Another container on the same kernel
 * can connect to it, or is told that nobody listens.
 */

import { type FileHandle, open, rm } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { join } from "node:path";

/** A socket of this process. */
export interface OwnerSocket {
  /** Stops listening, and removes it. */
  close(): Promise<void>;
}

/** Listens on a socket in a directory; undefined where the file system or the system has none. Keeps no process alive. */
export async function listenInDirectory(directory: string, name: string): Promise<OwnerSocket | undefined> {
  const handle = await openDirectory(directory);
  if (handle === undefined) return undefined;
  const server = createServer((connection) => connection.destroy());
  const isListening = await new Promise<boolean>((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(within(handle, name), () => resolve(true));
  });
  if (!isListening) {
    await handle.close();
    return undefined;
  }
  server.on("error", () => {});
  server.unref();
  return {
    async close() {
      await closed(server);
      await rm(join(directory, name), { force: true });
      await handle.close();
    },
  };
}

/** Whether somebody listens there; undefined if that cannot be known. */
export async function isListenedOn(directory: string, name: string): Promise<boolean | undefined> {
  const handle = await openDirectory(directory);
  if (handle === undefined) return undefined;
  try {
    return await new Promise((resolve) => {
      const connection = connect(within(handle, name));
      connection.once("connect", () => {
        connection.destroy();
        resolve(true);
      });
      connection.once("error", ({ code }: NodeJS.ErrnoException) =>
        resolve(code === "ECONNREFUSED" ? false : undefined),
      );
    });
  } finally {
    await handle.close();
  }
}

/** Only Linux says which kernel a process runs on, without which a refused connection proves nothing. */
async function openDirectory(directory: string): Promise<FileHandle | undefined> {
  return process.platform === "linux" ? await open(directory, "r") : undefined;
}

/** The path of a socket may have 107 bytes, which that of a directory often has already. */
function within({ fd }: FileHandle, name: string): string {
  return `/proc/self/fd/${fd}/${name}`;
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
