import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { isSetUp } from "./is-set-up.ts";
import { repositoryRoot } from "./repository.ts";

/** The line that installs the server where the tests look for it. */
export const redisInstallLine =
  process.platform === "darwin"
    ? "brew install redis"
    : "sudo apt-get install redis-server   (Redis 7 or newer)";

/**
 * The server program for tests: `REDIS_SERVER` if that is set (another version, or Valkey), else `redis-server`
 * from the path. Undefined if there is none that runs.
 */
export function redisProgram(): string | undefined {
  const program = process.env.REDIS_SERVER ?? "redis-server";
  const result = spawnSync(program, ["--version"], { encoding: "utf8" });
  return result.status === 0 ? program : undefined;
}

/** Whether there is a server for tests of the cluster store, as `isSetUp` decides. */
export function redisIsSetUp(): boolean {
  return isSetUp({ part: "redis-server", isThere: redisProgram() !== undefined, remedy: redisInstallLine });
}

/** The Valkey program that `scripts/setup-redis.mjs --valkey` unpacks, if it is there. */
export function valkeyProgram(): string | undefined {
  const program = join(repositoryRoot, ".cache", "valkey", "valkey-server");
  return existsSync(program) ? program : undefined;
}

/** A node id as clusters have it: 40 hexadecimal digits, the same for the same name. */
export function nodeId(name: string): string {
  return createHash("sha1").update(name).digest("hex");
}
