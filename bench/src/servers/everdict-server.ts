import { fileURLToPath } from "node:url";
import type { StoreKind } from "../clients/dict-client.ts";
import { startServer } from "../processes/child-server.ts";
import { profileArgs } from "../processes/profile-args.ts";
import type { RunningServer, ServerOptions } from "./running-server.ts";

const bin = fileURLToPath(new URL("../../../packages/cli/bin/everdict.js", import.meta.url));

/** `everdict serve`, as users run it, with defaults but for the durability. */
export async function startEverdict(
  store: StoreKind,
  { directory, profileDirectory }: ServerOptions,
): Promise<RunningServer> {
  const where = {
    memory: ["--memory"],
    sync: ["--data-dir", directory],
    everysec: ["--data-dir", directory, "--durability", "everysec"],
  }[store];
  const node = profileArgs(profileDirectory, `server everdict ${store}`);
  const args = [...node, bin, "serve", "--port", "0", "--json", "--log-level", "warn", ...where];
  const server = await startServer(process.execPath, args, /^\{.*\}$/m);
  const ready = JSON.parse(server.output) as { port: number; token_id: string; token_secret: string };
  return {
    port: ready.port,
    pid: server.pid,
    tokenId: ready.token_id,
    tokenSecret: ready.token_secret,
    // Compaction and sweeping stay in the figures.
    tidy: async () => {},
    stop: server.stop,
  };
}
