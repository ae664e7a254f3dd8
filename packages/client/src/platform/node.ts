import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { homedir, userInfo } from "node:os";
import { join } from "node:path";
import { env } from "node:process";
import { createError } from "@everdict/protocol";
import type { ProfileFile } from "../connection/modal-profile.ts";
import { directoryError } from "./directory-error.ts";
import { onceStarted } from "./once-started.ts";
import type { Platform } from "./platform.ts";
import { realPath } from "./real-path.ts";
import { sharedEngines } from "./shared-engines.ts";

/**
 * Node, Bun and Deno. Heavy parts (engines, gRPC, the TOML parser) are loaded when they are first needed.
 *
 * @internal
 */
export const platform: Platform = {
  env: (name) => env[name],
  readProfileFile,
  openMemory: (name) =>
    sharedEngines.connect(`memory:${name}`, userName(), async () => {
      const { openMemoryEngine } = await import("@everdict/embedded");
      return openMemoryEngine();
    }),
  openDirectory: (directory) => {
    // By whatever name: the second opener would find the directory locked by its own process.
    const path = realPath(directory);
    return sharedEngines.connect(`file:${path}`, userName(), async () => {
      const { openLogEngine } = await import("@everdict/embedded/log");
      return openLogEngine({ directory: path }).catch((error: unknown) => {
        throw directoryError(error, path);
      });
    });
  },
  openRedis: (url, options) => {
    const { ca } = options;
    return sharedEngines.connect(ca === undefined ? url : `${url} ${ca}`, userName(), async () => {
      const { openRedisEngine } = await import("@everdict/embedded/redis");
      return onceStarted(() => openRedisEngine({ url, ca }), url, options);
    });
  },
  connectGrpc: async (target, options) => {
    const { connectGrpc } = await import("../transport/connect-grpc.ts");
    return connectGrpc(target, options);
  },
  openSession: async (url, { signal, ca }) => {
    const { connectSession } = await import("@everdict/session/node");
    return connectSession({ url, signal, ca });
  },
};

async function readProfileFile(): Promise<ProfileFile | undefined> {
  const path = env.MODAL_CONFIG_PATH || join(homedir(), ".modal.toml");
  // Inside one of Modal's containers its client ignores the file as well.
  if (env.MODAL_IS_REMOTE === "1" || !existsSync(path)) return undefined;
  try {
    const { parse } = await import("smol-toml");
    return { path, content: parse(await readFile(path, "utf8")) };
  } catch (error) {
    // The parser's own message quotes the lines around the mistake, which may hold a secret.
    const line = error instanceof Error && "line" in error ? ` (line ${error.line})` : "";
    throw createError("not_configured", `The Modal profile file ${path} cannot be read${line}`);
  }
}

function userName(): string {
  try {
    return userInfo().username || "local";
  } catch {
    // A container may run under a user id that has no name.
    return "local";
  }
}
