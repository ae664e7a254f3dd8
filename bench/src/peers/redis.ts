import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { freePort, startServer, waitForPort } from "../child-server.ts";
import type { Peer } from "../peer.ts";

/** Redis through ioredis with auto-pipelining, its fastest setting, and JSON. */
export function redisPeer(appendfsync: "always" | "everysec"): Peer {
  return {
    name: `Redis ${appendfsync} + ioredis`,
    durability: appendfsync === "always" ? "fsync" : "everysec",
    async open() {
      if (spawnSync("redis-server", ["--version"]).status !== 0) {
        console.error(
          "Redis is not installed, so there is nothing to compare with: apt-get install redis-server",
        );
        return undefined;
      }
      const directory = await mkdtemp(join(tmpdir(), "everdict-bench-redis-"));
      const port = await freePort();
      const args = ["--port", String(port), "--bind", "127.0.0.1", "--dir", directory, "--save", ""];
      args.push("--appendonly", "yes", "--appendfsync", appendfsync);
      const server = await startServer("redis-server", args, /Ready to accept connections/);
      await waitForPort(port);
      const redis = new Redis({ port, host: "127.0.0.1", enableAutoPipelining: true });
      return {
        get: async (key) => parse(await redis.hget("bench", key)),
        put: (key, value) => redis.hset("bench", key, JSON.stringify(value)),
        pop: async (key) => {
          const [read] = (await redis.multi().hget("bench", key).hdel("bench", key).exec()) ?? [];
          return parse((read?.[1] ?? null) as string | null);
        },
        async close() {
          redis.disconnect();
          await server.stop();
          await rm(directory, { recursive: true });
        },
      };
    },
  };
}

function parse(text: string | null): unknown {
  return text === null ? undefined : JSON.parse(text);
}
