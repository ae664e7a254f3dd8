// `npm run cluster`: starts a cluster of local Redis servers to try things on, three masters with a replica each,
// and prints how to use it. Everything is gone when it stops (Ctrl-C).
//
//   npm run cluster [-- --replicas 2] [--valkey]
import { parseArgs } from "node:util";
import { build, ensureInstalled } from "./ensure-installed.mjs";

const { values } = parseArgs({
  options: { replicas: { type: "string", default: "1" }, valkey: { type: "boolean", default: false } },
});
ensureInstalled();
build();
const { RedisCluster, redisInstallLine, redisProgram, valkeyProgram } = await import("@everdict/testkit");
const program = values.valkey ? valkeyProgram() : redisProgram();
if (program === undefined) {
  const how = values.valkey ? "node scripts/setup-redis.mjs --valkey" : redisInstallLine;
  console.error(`There is no server program. To install it: ${how}`);
  process.exit(1);
}
const cluster = await RedisCluster.start({
  replicas: Number(values.replicas),
  nodeTimeoutMs: 5_000,
  program,
});
const masters = cluster.members.slice(0, 3).map(({ server }) => server.address);
const url = `redis://${masters.join(",")}`;
const processes = cluster.members.map(({ server }, index) => {
  return `  ${server.address}  ${index < 3 ? "master " : "replica"}  pid ${server.pid}`;
});
console.log(`A cluster of ${cluster.members.length} servers is running:
${processes.join("\n")}

A server on it (as many as you like, each in a terminal of its own):
  npm start -- --port 0 --store ${url}
A program without a server:
  EVERDICT_URL=${url} node your-program.js
To see a failover, kill a master: nobody who uses it is told.

Ctrl-C stops it; nothing is kept.`);
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, async () => {
    await cluster[Symbol.asyncDispose]();
    process.exit(0);
  });
}
// Nothing else keeps this process alive.
setInterval(() => {}, 60_000);
