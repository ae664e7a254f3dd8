import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { arch, cpus, platform, release, totalmem } from "node:os";
import { join } from "node:path";
import { root } from "./processes/run-script.ts";

const require = createRequire(import.meta.url);

/** What the figures were taken on. */
export function describeMachine(): Record<string, string | number> {
  return {
    processor: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()} ${arch()}`,
  };
}

/** What was measured, by version. */
export function describeVersions(): Record<string, string> {
  const redis = spawnSync("redis-server", ["--version"], { encoding: "utf8" }).stdout;
  const versionOf = (name: string): string =>
    (require(`${name}/package.json`) as { version: string }).version;
  const ours = readFileSync(join(root, "packages/client/package.json"), "utf8");
  return {
    node: process.version,
    redis: /v=(\S+)/.exec(redis ?? "")?.[1] ?? "not installed",
    ioredis: versionOf("ioredis"),
    "@redis/client": versionOf("@redis/client"),
    "@grpc/grpc-js": versionOf("@grpc/grpc-js"),
    everdict: (JSON.parse(ours) as { version: string }).version,
  };
}
