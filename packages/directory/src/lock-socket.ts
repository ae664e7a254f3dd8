/**
 * How the holder of a lock shows that it lives, to processes that cannot see it and to threads of the same process. It
 * listens on a socket beside the lock. The kernel closes the socket when the thread or the process ends, however that
 * happens. Another container on the same kernel can connect to the socket, or learns that nobody listens.
 */

import { chmod, rm } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";

/** A socket of this process. */
export interface LockSocket {
  /** Stops listening, and removes it. */
  close(): Promise<void>;
}

/** Errors of a system without such sockets, or of a file system that cannot keep one. Any other error is a failure. */
const unsupported: ReadonlySet<unknown> = new Set(["EPERM", "EINVAL", "ENOSYS", "ENOTSUP", "EOPNOTSUPP"]);

/**
 * Listens on a socket that this user alone may connect to. Keeps no process alive.
 *
 * @returns undefined where the file system has no sockets
 * @throws what the system says of a disk that is full or of descriptors that ran out
 */
export async function listenOn(path: string): Promise<LockSocket | undefined> {
  const server = createServer((connection) => connection.destroy());
  const close = async (): Promise<void> => {
    await closed(server);
    await rm(path, { force: true });
  };
  try {
    await listening(server, path);
  } catch (error) {
    if (unsupported.has((error as NodeJS.ErrnoException).code)) return undefined;
    throw error;
  }
  server.on("error", () => {});
  server.unref();
  try {
    await chmod(path, 0o600);
  } catch (error) {
    await close();
    throw error;
  }
  return { close };
}

/**
 * Whether somebody listens on a socket of this kernel. Nobody listens on a socket that is gone.
 *
 * @returns undefined if that cannot be known
 */
export function isListenedOn(path: string): Promise<boolean | undefined> {
  return new Promise((resolve) => {
    const connection = connect(path);
    connection.once("connect", () => {
      connection.destroy();
      resolve(true);
    });
    connection.once("error", ({ code }: NodeJS.ErrnoException) =>
      resolve(code === "ECONNREFUSED" || code === "ENOENT" ? false : undefined),
    );
  });
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
