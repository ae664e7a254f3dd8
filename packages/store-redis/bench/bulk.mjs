// What the operations on many entries take on a 3+3 cluster with every write on a replica (WAIT 1), beside what was measured
// for the design: on another machine, so only the order of magnitude can be compared.
//
//   npm run build && node packages/store-redis/bench/bulk.mjs [--rounds 5]
import { parseArgs } from "node:util";
import { openRedisStore } from "@everdict/store-redis";
import { RedisCluster } from "@everdict/testkit";
import { createCluster, RESP_TYPES } from "@redis/client";
import { Keyspace } from "../dist/keys/keyspace.js";

const { values: flags } = parseArgs({ options: { rounds: { type: "string", default: "5" } } });
const rounds = Number(flags.rounds);
const value = Buffer.alloc(100, 97);
const entries = Array.from({ length: 250_000 }, (_, index) => ({
  key: Buffer.from(`key-${String(index).padStart(14, "0")}`),
  value,
}));
const cluster = await RedisCluster.start({ nodeTimeoutMs: 5_000 });
try {
  const store = await openRedisStore({ servers: cluster.hosts.split(",") });
  await store.createEnvironment("en-bench", "main");
  const dict = { id: "di-bulk", environmentId: "en-bench", name: "bulk", createdBy: "bench", data: [] };
  await store.createDict({ ...dict, expiry: { policy: "afterWrite", ttlMs: 2_592_000_000 } });
  const client = createCluster({
    rootNodes: cluster.members.map(({ port }) => ({ url: `redis://127.0.0.1:${port}` })),
  });
  await client.connect();
  const designs = {
    "update of 10,000": "45 to 80 ms",
    "len of 250,000": "0.1 to 0.5 ms",
    "contents of 250,000": "313 ms, that is 0.8 million a second",
    "HSCAN of the same by node-redis": "210 to 400 ms",
    "clear of 250,000": "2.7 to 5.2 ms",
  };
  const times = Object.fromEntries(Object.keys(designs).map((what) => [what, []]));
  const timed = async (what, operation) => {
    const beganAtMs = performance.now();
    await operation();
    times[what].push(performance.now() - beganAtMs);
  };
  for (let round = 0; round < rounds; round++) {
    for (let start = 0; start < entries.length; start += 10_000) {
      await timed("update of 10,000", () => store.update(dict.id, entries.slice(start, start + 10_000)));
    }
    await timed("len of 250,000", () => store.len(dict.id));
    await timed("contents of 250,000", async () => {
      let shown = 0;
      for await (const batch of store.contents(dict.id, { keys: true, values: true })) shown += batch.length;
      if (shown !== entries.length) throw new Error(`${shown} entries were shown`);
    });
    await timed("HSCAN of the same by node-redis", () => scanAll(client));
    await timed("clear of 250,000", () => store.clear(dict.id));
  }
  for (const [what, all] of Object.entries(times)) {
    const sorted = all.toSorted((a, b) => a - b);
    const [least, median, most] = [0, 0.5, 0.999].map((part) =>
      sorted[Math.floor(part * sorted.length)].toFixed(1),
    );
    console.log(`${what}: median ${median} ms (${least} to ${most}); design: ${designs[what]}`);
  }
  await Promise.all([store.close(), client.close()]);
} finally {
  await cluster[Symbol.asyncDispose]();
}

async function scanAll(cluster) {
  const client = cluster.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  const keys = new Keyspace("everdict:");
  const shards = Array.from({ length: 16 }, (_, shard) => keys.shard("di-bulk", shard, 16).key);
  let shown = 0;
  const scan = async () => {
    for (let key = shards.shift(); key !== undefined; key = shards.shift()) {
      let cursor = "0";
      do {
        const reply = await client.hScan(key, cursor, { COUNT: 1_000 });
        cursor = reply.cursor.toString();
        shown += reply.entries.length;
      } while (cursor !== "0");
    }
  };
  await Promise.all([scan(), scan(), scan()]);
  if (shown < entries.length) throw new Error(`${shown} entries were scanned`);
}
