// What it costs and saves to let the server expire entries (field TTL of Valkey 9) instead of sweeping them: server CPU of
// a write and of a read, memory of an entry, and what a sweep costs. Figures: docs/decisions/0012-no-field-ttl.md.
//
//   npm run build && node scripts/setup-redis.mjs --valkey && node packages/store-redis/bench/field-ttl.mjs [--rounds 7]
import { parseArgs } from "node:util";
import { freePorts, RedisServer, valkeyProgram } from "@everdict/testkit";
import { SocketTransport } from "../dist/cluster/socket-transport.js";
import { encodeEntry } from "../dist/formats/entry-header.js";
import { encodeShardMeta } from "../dist/formats/shard-meta.js";
import { ReplyError } from "../dist/resp/reply.js";
import { sweepScript, writeScript } from "../dist/scripts/entry-scripts.js";
import { Script } from "../dist/scripts/script.js";
import { shardHead } from "../dist/scripts/shard-prelude.js";

const { values: flags } = parseArgs({ options: { rounds: { type: "string", default: "7" } } });
const rounds = Number(flags.rounds);
const entries = 100_000;
const shards = 16;
const perShard = entries / shards;
const batch = 2_000;
const ttlMs = 2_592_000_000;
const program = valkeyProgram();
if (program === undefined) throw new Error("no Valkey: node scripts/setup-redis.mjs --valkey");

/** As the store's script, with the field's own end a little after the header's, which stays the truth. */
const withFieldTtl = new Script(`${shardHead}
redis.call('HSETEX', d, 'PXAT', ARGV[4], 'FIELDS', 1, ARGV[2], ARGV[3])
return 0
`);
const kinds = {
  "header alone": (at) => [...writeScript.call, 1, shardOf("alone", at), Date.now(), field(at), stored()],
  "field TTL too": (at) => [
    ...withFieldTtl.call,
    ...[1, shardOf("both", at), Date.now(), field(at), stored(), Date.now() + ttlMs + 1_000],
  ],
};
const spaces = { "header alone": "alone", "field TTL too": "both" };
const field = (at) => `kkey-${String(at).padStart(14, "0")}`;
const shardOf = (space, at) => `${space}:${Math.floor(at / perShard)}`;
const stored = () => encodeEntry(Buffer.alloc(100, 97), Date.now() + ttlMs);
const meta = encodeShardMeta({ shards: 16, expiry: { policy: "afterWrite", ttlMs }, endsAtMs: undefined });

const [port] = await freePorts(1);
const server = new RedisServer({ port, program });
await server.start();
try {
  const ask = await connect();
  await ask([
    ["SCRIPT", "LOAD", writeScript.text],
    ["SCRIPT", "LOAD", withFieldTtl.text],
  ]);
  await ask([["SCRIPT", "LOAD", sweepScript.text]]);
  const results = new Map();
  const note = (what, values) => {
    for (const [name, value] of Object.entries(values)) {
      if (!results.has(what)) results.set(what, { "header alone": [], "field TTL too": [] });
      results.get(what)[name].push(value);
    }
  };
  for (let round = 0; round < rounds; round++) {
    await ask([["FLUSHALL", "SYNC"]]);
    for (const space of Object.values(spaces))
      await ask(range(shards).map((shard) => ["HSET", `${space}:${shard}`, "m", meta]));
    note("memory, bytes an entry", await memoryOf(ask));
    note("write, us of server CPU", await cpuOf(ask, (name) => kinds[name]));
    note(
      "read, us of server CPU",
      await cpuOf(ask, (name) => (at) => ["HMGET", shardOf(spaces[name], at), "m", field(at)]),
    );
    note("look of a sweep, us of server CPU an entry", await sweep(ask));
  }
  const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
  console.log(`medians of ${rounds} interleaved rounds of ${entries} entries of 20 + 100 bytes`);
  for (const [what, values] of results) {
    const [alone, both] = Object.values(values).map(median);
    console.log(
      `${what}: header alone ${alone.toFixed(2)}, field TTL too ${both.toFixed(2)} (${(both / alone).toFixed(2)}x)`,
    );
  }
} finally {
  await server.destroy();
}

/** Fills both spaces, one after the other. */
async function memoryOf(ask) {
  const memory = {};
  for (const [name, write] of Object.entries(kinds)) {
    const before = await usedMemory(ask);
    for (let at = 0; at < entries; at += batch) await ask(range(batch).map((offset) => write(at + offset)));
    memory[name] = ((await usedMemory(ask)) - before) / entries;
  }
  return memory;
}

/** Both kinds in turn, some entries at a time: what else the machine does hits both. */
async function cpuOf(ask, commandOf) {
  const spent = { "header alone": 0, "field TTL too": 0 };
  for (let at = 0; at < entries; at += batch) {
    for (const name of Object.keys(kinds)) {
      const command = commandOf(name);
      const before = await usedCpu(ask);
      await ask(range(batch).map((offset) => command(at + offset)));
      spent[name] += ((await usedCpu(ask)) - before) / entries;
    }
  }
  return spent;
}

async function sweep(ask) {
  const spent = { "header alone": 0, "field TTL too": 0 };
  for (const shard of range(shards)) {
    for (const [name, space] of Object.entries(spaces)) {
      const before = await usedCpu(ask);
      for (let cursor = "0", done = 0; done !== 1; ) {
        const args = [2, `${space}:${shard}`, "none", Date.now(), cursor, 500, 1_000];
        const [reply] = await ask([[...sweepScript.call, ...args]]);
        [cursor, done] = [reply[0].toString(), reply[1]];
      }
      spent[name] += ((await usedCpu(ask)) - before) / entries;
    }
  }
  return spent;
}

async function usedCpu(ask) {
  const text = (await ask([["INFO", "cpu"]]))[0].toString();
  const seconds = (name) => Number(new RegExp(`${name}:([\\d.]+)`).exec(text)[1]);
  return 1e6 * (seconds("used_cpu_user_main_thread") + seconds("used_cpu_sys_main_thread"));
}

async function usedMemory(ask) {
  return Number(/used_memory:(\d+)/.exec((await ask([["INFO", "memory"]]))[0].toString())[1]);
}

function range(count) {
  return Array.from({ length: count }, (_, index) => index);
}

/** A connection as a function: commands in, replies out. */
async function connect() {
  const transport = new SocketTransport({ connectTimeoutMs: 1_000, greeting: [] });
  let replies = [];
  let onReply = () => {};
  const connection = await transport.connect(`127.0.0.1:${port}`, {
    onReply: (reply) => {
      if (reply instanceof ReplyError) throw reply;
      replies.push(reply);
      onReply();
    },
    onEnd: () => {},
  });
  return (commands) =>
    new Promise((resolve) => {
      replies = [];
      onReply = () => {
        if (replies.length === commands.length) resolve(replies);
      };
      for (const command of commands) connection.add(command);
      connection.flush();
    });
}
