// Consumers that stop in the middle of a large dictionary, against the real server in a process of its own: what they
// cost the server, and everybody else. Ends with status 1 if that is more than it may be.
//
//   node conformance/scripts/slow-consumer.mjs [entries=1000000]
//
// One consumer stops in the middle of its stream, and the whole connection of another is not read, though it has asked for
// much. Printed: by how much the server's memory grows, the latencies of a neighbour before and meanwhile, and what a
// consumer gets that reads as fast as it can. Linux only, as memory is read from /proc.
import { setTimeout as delay } from "node:timers/promises";
import { SessionClient, SessionClientConnection } from "@everdict/session";
import { connectSession } from "@everdict/session/node";
import { collectable, settledMemory, startEverdict } from "@everdict/testkit";

const count = Number(process.argv[2] ?? 1_000_000);
const growthMaxMiB = 8;
const both = { keys: true, values: true };
const encoder = new TextEncoder();
const keyOf = (index) => encoder.encode(`key-${String(index).padStart(16, "0")}`);

const server = await startEverdict({ nodeArgs: collectable });
const connect = () => connectSession({ url: server.serverUrl });
const neighbour = new SessionClient({ ...server.token, connect });
const request = { mode: "createIfMissing", environment: "", name: "large" };
const { dictId } = await neighbour.getOrCreateDict(request);
for (let start = 0; start < count; start += 5000) {
  const entries = Array.from({ length: Math.min(5000, count - start) }, (_, index) => ({
    key: keyOf(start + index),
    value: new Uint8Array(100).fill(index),
  }));
  await neighbour.update(dictId, entries);
}

/** Reads and writes, one after the other, for so long: the 50th and the 99th percentile, in milliseconds. */
async function latenciesMs(ms) {
  const found = [];
  const end = performance.now() + ms;
  for (let round = 0; performance.now() < end; round++) {
    const key = keyOf((round * 7919) % count);
    const before = performance.now();
    if (round % 2 === 0) await neighbour.get(dictId, key);
    else await neighbour.update(dictId, [{ key, value: new Uint8Array(100).fill(round) }]);
    found.push(performance.now() - before);
    await delay(1);
  }
  found.sort((a, b) => a - b);
  const at = (part) => found[Math.floor(found.length * part)];
  return { p50: at(0.5), p99: at(0.99) };
}
const text = ({ p50, p99 }) => `p50 ${Math.round(p50 * 1000)} us, p99 ${Math.round(p99 * 1000)} us`;

/** Goes over everything. Answers how many entries a second. */
async function readAll() {
  const startMs = performance.now();
  let read = 0;
  for await (const batch of neighbour.contents(dictId, both)) read += batch.length;
  if (read !== count) throw new Error(`${read} entries came, not ${count}`);
  return read / ((performance.now() - startMs) / 1000);
}

// Once to the end, so that code, caches and buffers are what they are in a server that works.
await readAll();
await latenciesMs(2000);
const latencyBefore = await latenciesMs(3000);
const before = await settledMemory(server);

const stopped = new SessionClientConnection(await connect(), server.token).contents(dictId, both);
await stopped.next();
const deafCarrier = await connect();
const deaf = new SessionClientConnection(deafCarrier, server.token);
await deaf.contents(dictId, both).next();
deafCarrier.pause();
for (let index = 0; index < 4000; index++) deaf.get(dictId, keyOf(index % count)).catch(() => {});
const latencyMeanwhile = await latenciesMs(3000);
const meanwhile = await settledMemory(server);

console.log(`neighbour before: ${text(latencyBefore)}`);
console.log(`neighbour meanwhile: ${text(latencyMeanwhile)}`);
const grownMiB = meanwhile.residentMiB - before.residentMiB;
const liveMiB = meanwhile.liveMiB - before.liveMiB;
console.log(`server: ${grownMiB.toFixed(1)} MiB more (${liveMiB.toFixed(1)} MiB of it in use)`);
console.log(`a fast consumer: ${Math.round((await readAll()) / 1000)}k entries a second`);

const faults = [];
if (!(grownMiB < growthMaxMiB)) faults.push(`the server grew by ${grownMiB.toFixed(1)} MiB`);
// As good as before, on a machine on which others work too.
if (!(latencyMeanwhile.p99 < 3 * latencyBefore.p99 + 20)) faults.push("the neighbour was held up");
for (const fault of faults) console.error(fault);
await server[Symbol.asyncDispose]();
process.exit(faults.length === 0 ? 0 : 1);
