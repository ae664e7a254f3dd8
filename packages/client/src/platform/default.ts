import { createError } from "@everdict/protocol";
import { connectWebSocket } from "@everdict/session";
import type { Platform } from "./platform.ts";
import { sharedEngines } from "./shared-engines.ts";

/**
 * Browsers and other places without Node's built-ins: sessions by WebSocket, `memory:`, and services made by the
 * program.
 *
 * @internal
 */
export const platform: Platform = {
  env: () => undefined,
  readProfileFile: async () => undefined,
  openMemory: (name) =>
    sharedEngines.connect(`memory:${name}`, "local", async () => {
      const { openMemoryEngine } = await import("@everdict/embedded");
      return openMemoryEngine();
    }),
  openDirectory: async () => {
    throw unavailable("A store in a directory (file:)");
  },
  openRedis: async () => {
    throw unavailable("A store on a cluster (redis:)");
  },
  connectGrpc: async () => {
    throw unavailable("A connection over gRPC");
  },
  openSession: async (url, { signal, ca }) => {
    if (ca !== undefined) {
      throw createError(
        "not_configured",
        "The ca option needs Node, Bun or Deno; here the platform decides whom it trusts",
      );
    }
    return connectWebSocket(url, { signal });
  },
};

function unavailable(what: string) {
  return createError(
    "not_configured",
    `${what} needs Node, Bun or Deno; here the client runs on a server of ours, on memory:, or on a service given to Client.fromService`,
  );
}
