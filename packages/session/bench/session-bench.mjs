// Gets and puts a second over a session, by carrier, against Redis through ioredis with auto-pipelining.
//
//   npx tsc -b packages/session packages/embedded && node packages/session/bench/session-bench.mjs [rounds=3] [ms=700]
//
// Client and server are two processes; keys of 20 bytes, values of 100 that vary, raw on our side, so this is the
// transport and the engine in memory without a codec (`npm run bench` has the whole). "bare" stands for a service
// of one map that answers at once. Rounds are interleaved; the medians and what they are of Redis' are printed.

import { fork, spawn } from "node:child_process";
import { once } from "node:events";
import { SessionClient } from "@everdict/session";
import { connectSession } from "@everdict/session/node";
import { Redis } from "ioredis";

const rounds = Number(process.argv[2] ?? 3);
const measureMs = Number(process.argv[3] ?? 700);
const warmUpMs = Math.min(400, measureMs / 2);
const outstandings = (process.env.OUTSTANDING ?? "1,16,256,4096").split(",").map(Number);
const keyCount = 8192;
const only = process.argv[4];

const encoder = new TextEncoder();
const keys = Array.from({ length: keyCount }, (_, index) =>
  encoder.encode(`key-${String(index * 7919).padStart(16, "0")}`),
);
const keyTexts = keys.map((key) => Buffer.from(key).toString());
const values = Array.from({ length: 1024 }, (_, index) => Buffer.alloc(100, index));

async function session(kind, scheme, lowLatency) {
  const child = fork(new URL("./server.mjs", import.meta.url), [kind]);
  const [{ port }] = await once(child, "message");
  const client = new SessionClient({
    connect: () => connectSession({ url: `${scheme}://127.0.0.1:${port}` }),
    tokenId: "a",
    tokenSecret: "b",
    lowLatency,
  });
  const { dictId } = await client.getOrCreateDict({
    mode: "createIfMissing",
    environment: "",
    name: "bench",
  });
  return {
    get: (index) => client.get(dictId, keys[index]),
    put: (index, turn) => client.update(dictId, [{ key: keys[index], value: values[turn & 1023] }]),
    cpu: async () => {
      child.send("cpu");
      const [{ cpu }] = await once(child, "message");
      return cpu;
    },
    close: async () => {
      await client.close();
      child.kill();
      await once(child, "exit");
    },
  };
}

async function redis(enableAutoPipelining) {
  const port = 20000 + Math.floor(Math.random() * 20000);
  const child = spawn(
    "redis-server",
    ["--port", String(port), "--save", "", "--appendonly", "no", "--bind", "127.0.0.1"],
    { stdio: "ignore" },
  );
  const client = new Redis({ port, host: "127.0.0.1", enableAutoPipelining, retryStrategy: () => 50 });
  client.on("error", () => {});
  await client.set("ready", "1");
  return {
    get: (index) => client.getBuffer(keyTexts[index]),
    put: (index, turn) => client.set(keyTexts[index], values[turn & 1023]),
    cpu: async () => ({ user: 0, system: 0 }),
    close: async () => {
      await client.quit();
      child.kill();
      await once(child, "exit");
    },
  };
}

const candidates = {
  "redis, ioredis auto-pipelining": () => redis(true),
  frames: () => session("engine", "http", false),
  websocket: () => session("engine", "ws", false),
  "frames, bare service": () => session("bare", "http", false),
  "websocket, bare service": () => session("bare", "ws", false),
  "frames, lowLatency": () => session("engine", "http", true),
};

async function measure(operation, outstanding, ms) {
  const end = performance.now() + ms;
  let done = 0;
  let turn = 0;
  const caller = async () => {
    for (;;) {
      turn++;
      await operation((turn * 7919) % keyCount, turn);
      done++;
      if ((done & 31) === 0 || outstanding === 1) if (performance.now() > end) return;
    }
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: outstanding }, caller));
  return { rate: done / ((performance.now() - start) / 1000), done };
}

const results = new Map();
for (let round = 0; round < rounds; round++) {
  for (const [name, open] of Object.entries(candidates)) {
    if (only && !new RegExp(only).test(name)) continue;
    const candidate = await open();
    for (let index = 0; index < keyCount; index++) await candidate.put(index, index);
    for (const kind of ["get", "put"]) {
      for (const outstanding of outstandings) {
        await measure(candidate[kind], outstanding, warmUpMs);
        const before = [process.cpuUsage(), await candidate.cpu()];
        const { rate, done } = await measure(candidate[kind], outstanding, measureMs);
        const after = [process.cpuUsage(before[0]), await candidate.cpu()];
        const clientUs = (after[0].user + after[0].system) / done;
        const serverUs = (after[1].user + after[1].system - before[1].user - before[1].system) / done;
        const key = `${kind} ${outstanding}`;
        const rows = results.get(key) ?? new Map();
        results.set(key, rows);
        rows.set(name, [...(rows.get(name) ?? []), { rate, clientUs, serverUs }]);
      }
    }
    await candidate.close();
  }
}

const median = (numbers) => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
for (const [key, rows] of results) {
  const base = median([...rows.values()][0].map((each) => each.rate));
  console.log(`\n${key} outstanding`);
  console.table(
    [...rows].map(([name, runs]) => ({
      candidate: name,
      "1000/s": Number((median(runs.map((each) => each.rate)) / 1000).toFixed(1)),
      low: Number((Math.min(...runs.map((each) => each.rate)) / 1000).toFixed(1)),
      high: Number((Math.max(...runs.map((each) => each.rate)) / 1000).toFixed(1)),
      ratio: Number((median(runs.map((each) => each.rate)) / base).toFixed(2)),
      "client us": Number(median(runs.map((each) => each.clientUs)).toFixed(2)),
      "server us": Number(median(runs.map((each) => each.serverUs)).toFixed(2)),
    })),
  );
}
process.exit();
