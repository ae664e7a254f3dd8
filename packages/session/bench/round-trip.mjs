// What a call costs that is awaited alone, and how much of it Node's sockets take by themselves: a process that sends 60
// bytes and waits for 100, and one that answers; nothing is encoded, looked up or decoded. Beside it a get of a small object
// over a session, and from Redis by ioredis, if there is a redis-server. Interleaved rounds; medians of the rounds' medians.
//
//   npx tsc -b && node packages/session/bench/round-trip.mjs [ROUNDS] [MS]
import { fork } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { connect, createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { RedisServer, redisProgram } from "@everdict/testkit";

const value = { id: 7, name: "some text of a few words", tags: ["a", "b"], score: 1.5 };
const question = Buffer.alloc(60, 1);
const answer = Buffer.alloc(100, 1);

async function serveSocket() {
  const server = createServer((socket) => {
    socket.setNoDelay();
    socket.on("data", () => socket.write(answer));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server.address().port;
}

async function serveSessions() {
  const { openMemoryEngine } = await import("@everdict/embedded");
  const { startServer } = await import("@everdict/server");
  const caller = { id: "bench", name: "bench" };
  const authenticator = { authenticate: () => caller, isCurrent: () => true, describe: () => undefined };
  const { port } = await startServer({ engine: await openMemoryEngine(), authenticator, port: 0 });
  return port;
}

/** Each opens what it measures, and answers a call and how to end it. */
const candidates = {
  async "bare socket"() {
    const { child, port } = await start("serveSocket");
    const socket = connect(port, "127.0.0.1").setNoDelay();
    let resolve;
    socket.on("data", () => resolve());
    const call = () => {
      socket.write(question);
      return new Promise((done) => {
        resolve = done;
      });
    };
    return { call, end: () => child.kill() };
  },
  async "Everdict, session"() {
    const { child, port } = await start("serveSessions");
    const { Client, Dict } = await import("everdict");
    const url = `http://127.0.0.1:${port}`;
    const client = Client.connect({ url, tokenId: "ak-bench", tokenSecret: "as-bench" });
    const dict = await Dict.fromName("bench", { createIfMissing: true, client }).hydrate();
    await dict.put("key", value);
    return { call: () => dict.get("key"), end: () => child.kill() };
  },
  async "Redis, ioredis"() {
    if (redisProgram() === undefined) return undefined;
    const { Redis } = createRequire(new URL("../../../bench/package.json", import.meta.url))("ioredis");
    const server = await RedisServer.startAlone("--appendonly", "no");
    const redis = new Redis({ port: server.port, host: "127.0.0.1" });
    await redis.set("key", JSON.stringify(value));
    return { call: async () => JSON.parse(await redis.get("key")), end: () => server.destroy() };
  },
};

async function start(role) {
  const child = fork(fileURLToPath(import.meta.url), [role]);
  const [{ port }] = await once(child, "message");
  return { child, port };
}

async function medianUs(call, ms) {
  const times = [];
  const endMs = performance.now() + ms;
  for (let nowMs = performance.now(); nowMs < endMs; ) {
    await call();
    const laterMs = performance.now();
    times.push((laterMs - nowMs) * 1000);
    nowMs = laterMs;
  }
  return median(times);
}

function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1];
}

async function compare(rounds, ms) {
  const open = [];
  for (const [name, candidate] of Object.entries(candidates)) {
    const opened = await candidate();
    if (opened !== undefined) open.push({ name, ...opened, found: [] });
  }
  for (const { call } of open) await medianUs(call, ms);
  for (let round = 0; round < rounds; round++) {
    for (const { call, found } of round % 2 === 0 ? open : open.toReversed())
      found.push(await medianUs(call, ms));
  }
  for (const { name, found } of open) console.log(`${name.padEnd(18)} ${median(found).toFixed(1)} us`);
  for (const { end } of open) await end();
  process.exit();
}

const [first = "15", ms = "300"] = process.argv.slice(2);
if (first === "serveSocket") process.send({ port: await serveSocket() });
else if (first === "serveSessions") process.send({ port: await serveSessions() });
else await compare(Number(first), Number(ms));
