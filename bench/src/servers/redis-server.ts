import { spawnSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { freePort, startServer } from "../processes/child-server.ts";
import { type RunningServer, type ServerOptions, Unavailable } from "./running-server.ts";

/** A log larger than this is rewritten in the next pause, in bytes. */
const rewriteAtBytes = 256 * 2 ** 20;

/**
 * Debian's Redis. Its log is never rewritten during a measurement (by itself it would be, in a forked process that
 * competes for the processors) but in pauses; ours is compacted whenever it is due.
 */
export async function startRedis(
  appendfsync: "always" | "everysec" | "no AOF",
  { directory }: ServerOptions,
): Promise<RunningServer> {
  if (spawnSync("redis-server", ["--version"]).status !== 0) {
    throw new Unavailable("Redis is not installed: sudo apt-get install redis-server");
  }
  const port = await freePort();
  const log =
    appendfsync === "no AOF"
      ? ["--appendonly", "no"]
      : ["--appendonly", "yes", "--appendfsync", appendfsync, "--auto-aof-rewrite-percentage", "0"];
  const args = ["--port", String(port), "--bind", "127.0.0.1", "--dir", directory, "--save", "", ...log];
  const server = await startServer("redis-server", args, /Ready to accept connections/);
  const control = new Redis({ host: "127.0.0.1", port });
  const persistence = async (field: string): Promise<number> =>
    Number(new RegExp(`^${field}:(\\d+)`, "m").exec(await control.info("persistence"))?.[1] ?? 0);
  return {
    port,
    pid: server.pid,
    tokenId: "",
    tokenSecret: "",
    async tidy() {
      if (appendfsync === "no AOF" || (await persistence("aof_current_size")) < rewriteAtBytes) return;
      await control.bgrewriteaof();
      while ((await persistence("aof_rewrite_in_progress")) !== 0) await sleep(50);
    },
    async stop() {
      control.disconnect();
      await server.stop();
    },
  };
}
