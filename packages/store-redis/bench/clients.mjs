// What an operation through the cluster store costs the client, beside the usual libraries on the same cluster.
//
//   npm run build && node packages/store-redis/bench/clients.mjs [--rounds 21] [--ms 200] [--keys 20000] [--json FILE]
//
// valkey-glide is installed apart (setup-glide.mjs), and left out loudly where it does not install.
//
// Every client writes and reads the same 100-byte values in one hash per shard, 16 shards; rounds are interleaved,
// and medians compared. Compare the rows of one run only: all servers and the client share this machine.
// CPU is of this process, which only runs the client. The libraries use plain HSET and HGET; the store's put is its
// script, which checks that the dictionary is there and writes the header.
//
// Puts are compared by what they promise: acknowledged by the master, or by a replica too (profile `replicated`). The
// libraries have no group commit, so with them a WAIT follows each put on its connection.
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { openRedisStore } from "@everdict/store-redis";
import { RedisCluster } from "@everdict/testkit";
import { createCluster } from "@redis/client";
import Redis from "ioredis";
import { tagSlot } from "../dist/keys/key-slot.js";
import { loadGlide } from "./setup-glide.mjs";

const { values: flags } = parseArgs({
  options: {
    rounds: { type: "string", default: "21" },
    ms: { type: "string", default: "200" },
    keys: { type: "string", default: "20000" },
    json: { type: "string" },
  },
});
const rounds = Number(flags.rounds);
const roundMs = Number(flags.ms);
const shards = 16;
const waitMs = 500;
const keys = Array.from(
  { length: Number(flags.keys) },
  (_, index) => `key-${String(index).padStart(14, "0")}`,
);
const keyBytes = keys.map((key) => Buffer.from(key));
const value = Buffer.alloc(100, 97);
const operations = { get: "get", put: "put", replicated: "put on a replica too" };
const cases = Object.keys(operations).flatMap((what) => [1, 64, 256].map((callers) => ({ what, callers })));

const cluster = await RedisCluster.start({ nodeTimeoutMs: 5_000 });
const owners = await Promise.all(
  Array.from({ length: shards }, (_, shard) => cluster.ownerOf(tagSlot(String(shard)))),
);
const results = new Map();
try {
  const clients = [
    await everdict("the cluster store"),
    await ioredis("ioredis.Cluster", false),
    await ioredis("ioredis.Cluster + auto-pipelining", true),
    await nodeRedis("node-redis cluster"),
    ...[await glide("valkey-glide")].filter((client) => client !== undefined),
  ];
  for (const client of clients) for (const index of keys.keys()) await client.put(index);
  for (let round = 0; round < rounds; round++) {
    // Each goes first in turn: what comes after the others finds the servers busier.
    const order = [...clients.slice(round % clients.length), ...clients.slice(0, round % clients.length)];
    for (const one of cases) for (const client of order) await measure(client, one);
  }
  report(clients);
  if (flags.json !== undefined) writeFileSync(flags.json, JSON.stringify(allResults(clients)));
  await Promise.all(clients.map((client) => client.close()));
} finally {
  await cluster[Symbol.asyncDispose]();
}

async function measure(client, { what, callers }) {
  const operation = client[what];
  if (operation === undefined) return;
  const endsAtMs = performance.now() + roundMs;
  const cpu = process.cpuUsage();
  const beganAtMs = performance.now();
  let done = 0;
  const caller = async (first) => {
    for (let index = first; performance.now() < endsAtMs; index = (index + 7_919) % keys.length) {
      await operation(index);
      done++;
    }
  };
  await Promise.all(Array.from({ length: callers }, (_, index) => caller((index * 31) % keys.length)));
  const elapsedMs = performance.now() - beganAtMs;
  const { user, system } = process.cpuUsage(cpu);
  const id = `${client.name} ${what} ${callers}`;
  if (!results.has(id)) results.set(id, { rates: [], cpus: [] });
  results.get(id).rates.push((done / elapsedMs) * 1000);
  results.get(id).cpus.push((user + system) / done);
}

function report(clients) {
  const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
  const of = ({ name }, { what, callers }) => {
    const result = results.get(`${name} ${what} ${callers}`);
    return result && { rate: median(result.rates), cpu: median(result.cpus) };
  };
  const heads = cases.map(({ what, callers }) => `${operations[what]} x${callers}`);
  console.log(
    `kops/s (client CPU, us an operation); medians of ${rounds} interleaved rounds of ${roundMs} ms`,
  );
  console.log(`| client | ${heads.join(" | ")} |`);
  console.log(`| --- |${" --- |".repeat(heads.length)}`);
  for (const client of clients) {
    const cells = cases.map((one) => {
      const result = of(client, one);
      return result === undefined ? "-" : `${(result.rate / 1000).toFixed(1)} (${result.cpu.toFixed(1)})`;
    });
    console.log(`| ${client.name} | ${cells.join(" | ")} |`);
  }
  const [ours, ...peers] = clients;
  for (const one of cases.filter(({ callers }) => callers > 1)) {
    const mine = of(ours, one);
    const theirs = peers.flatMap((peer) => of(peer, one) ?? []);
    const fastest = Math.max(...theirs.map(({ rate }) => rate));
    const cheapest = Math.min(...theirs.map(({ cpu }) => cpu));
    console.log(
      `${operations[one.what]}, ${one.callers} outstanding: ${(mine.rate / fastest).toFixed(2)}x the throughput of the best peer, ` +
        `${(mine.cpu / cheapest).toFixed(2)}x its CPU`,
    );
  }
}

/** Every cell, values in the order of the rounds; the store first. */
function allResults(clients) {
  return cases.flatMap(({ what, callers }) =>
    clients.flatMap(({ name }) => {
      const result = results.get(`${name} ${what} ${callers}`);
      return result === undefined ? [] : { client: name, what: operations[what], callers, ...result };
    }),
  );
}

/** One client with both promises, so that reads are counted once. */
async function everdict(name) {
  const [fast, replicated] = await Promise.all(["fast", "replicated"].map(openDict));
  return {
    name,
    get: (index) => fast.store.get(fast.id, keyBytes[index]),
    put: (index) => fast.store.update(fast.id, [{ key: keyBytes[index], value }]),
    replicated: (index) => replicated.store.update(replicated.id, [{ key: keyBytes[index], value }]),
    close: () => Promise.all([fast.store.close(), replicated.store.close()]),
  };
}

async function openDict(profile) {
  const store = await openRedisStore({
    servers: cluster.hosts.split(","),
    profile,
    prefix: `${profile}:`,
    shards,
  });
  await store.createEnvironment("en-bench", "main");
  const id = `di-${profile}`;
  const dict = { id, environmentId: "en-bench", name: "bench", createdBy: "bench", data: [] };
  await store.createDict({ ...dict, expiry: { policy: "afterWrite", ttlMs: 2_592_000_000 } });
  return { store, id };
}

function hashOf(index) {
  return `bench:{${index % shards}}`;
}

async function ioredis(name, enableAutoPipelining) {
  const seeds = cluster.members.map(({ port }) => ({ host: "127.0.0.1", port }));
  const client = new Redis.Cluster(seeds, { enableAutoPipelining });
  await new Promise((resolve) => client.once("ready", resolve));
  const nodes = owners.map(({ port }) => client.nodes("master").find((node) => node.options.port === port));
  return {
    name,
    get: (index) => client.hgetBuffer(hashOf(index), keys[index]),
    put: (index) => client.hset(hashOf(index), keys[index], value),
    // A WAIT has no key, so only the connections below the cluster can have it.
    replicated: enableAutoPipelining
      ? undefined
      : (index) => {
          const pipeline = nodes[index % shards].pipeline();
          return pipeline.hset(hashOf(index), keys[index], value).wait(1, waitMs).exec();
        },
    close: () => client.quit(),
  };
}

async function nodeRedis(name) {
  const client = createCluster({
    rootNodes: cluster.members.map(({ port }) => ({ url: `redis://127.0.0.1:${port}` })),
  });
  client.on("error", () => {});
  await client.connect();
  const nodes = await Promise.all(
    owners.map(({ port }) => client.nodeClient(client.masters.find((node) => node.port === port))),
  );
  return {
    name,
    get: (index) => client.hGet(hashOf(index), keys[index]),
    put: (index) => client.hSet(hashOf(index), keys[index], value),
    replicated: (index) => {
      const node = nodes[index % shards];
      return Promise.all([
        node.hSet(hashOf(index), keys[index], value),
        node.sendCommand(["WAIT", "1", String(waitMs)]),
      ]);
    },
    close: () => client.close(),
  };
}

async function glide(name) {
  const library = await loadGlide();
  if (library === undefined) return undefined;
  const { Decoder, GlideClusterClient } = library;
  const addresses = cluster.members.map(({ port }) => ({ host: "127.0.0.1", port }));
  const client = await GlideClusterClient.createClient({ addresses, requestTimeout: 5_000 });
  const options = { decoder: Decoder.Bytes };
  return {
    name,
    get: (index) => client.hget(hashOf(index), keys[index], options),
    put: (index) => client.hset(hashOf(index), { [keys[index]]: value }),
    replicated: (index) => {
      const route = { type: "primarySlotKey", key: hashOf(index) };
      return Promise.all([
        client.hset(hashOf(index), { [keys[index]]: value }),
        client.customCommand(["WAIT", "1", String(waitMs)], { route }),
      ]);
    },
    close: () => client.close(),
  };
}
