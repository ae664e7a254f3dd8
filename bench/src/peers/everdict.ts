import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client, Dict } from "everdict";
import { startServer } from "../child-server.ts";
import type { OpenPeer, Peer, SmallObject } from "../peer.ts";

const bin = fileURLToPath(new URL("../../../packages/cli/bin/everdict.js", import.meta.url));

/** The TypeScript client over gRPC against a server on the log store. */
export const everdictGrpc: Peer = {
  name: "everdict, gRPC",
  durability: "fsync",
  async open() {
    const directory = await mkdtemp(join(tmpdir(), "everdict-bench-"));
    const server = await startServer(
      process.execPath,
      [bin, "serve", "--port", "0", "--data-dir", directory, "--log-level", "warn"],
      /^EVERDICT_URL=.+$/m,
    );
    const line = (name: string) => new RegExp(`^${name}=(.+)$`, "m").exec(server.output)?.[1] ?? "";
    return openDict(
      { url: line("EVERDICT_URL"), tokenId: line("MODAL_TOKEN_ID"), tokenSecret: line("MODAL_TOKEN_SECRET") },
      async () => {
        await server.stop();
        await rm(directory, { recursive: true });
      },
    );
  },
};

/** The same store inside the program. */
export const everdictEmbedded: Peer = {
  name: "everdict, in-process",
  durability: "fsync",
  async open() {
    const directory = await mkdtemp(join(tmpdir(), "everdict-bench-"));
    return openDict({ url: `file:${directory}` }, () => rm(directory, { recursive: true }));
  },
};

async function openDict(
  connection: { url: string; tokenId?: string; tokenSecret?: string },
  release: () => Promise<void>,
): Promise<OpenPeer> {
  const client = Client.connect(connection);
  const dict = Dict.fromName<string, SmallObject>("bench", { createIfMissing: true, client });
  await dict.hydrate();
  return {
    get: (key) => dict.get(key),
    put: (key, value) => dict.put(key, value),
    pop: (key) => dict.pop(key, undefined),
    async close() {
      await client.close();
      await release();
    },
  };
}
