// A client that stops reading a stream of 1e6 entries: what it costs the server, and the others.
//
//   node packages/session/bench/slow-consumer.mjs [entries=1000000]
//
// Printed: how much the server's resident memory grows while one consumer has stopped in the middle of its stream, and
// another one's whole connection does not read; latencies of a neighbour before and meanwhile; entries a second of a
// consumer that reads as fast as it can.
import { fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { SessionClient, SessionClientConnection } from "@everdict/session";
import { connectSession } from "@everdict/session/node";

const count = Number(process.argv[2] ?? 1_000_000);
const token = { tokenId: "a", tokenSecret: "b" };
const child = fork(new URL("./server.mjs", import.meta.url), ["engine"], { execArgv: ["--expose-gc"] });
const [{ port }] = await once(child, "message");
const connect = () => connectSession({ url: `http://127.0.0.1:${port}` });
const neighbour = new SessionClient({ ...token, connect });
const { dictId } = await neighbour.getOrCreateDict({
  mode: "createIfMissing",
  environment: "",
  name: "large",
});
const encoder = new TextEncoder();
for (let start = 0; start < count; start += 5000) {
  const entries = Array.from({ length: Math.min(5000, count - start) }, (_, index) => ({
    key: encoder.encode(`key-${String(start + index).padStart(16, "0")}`),
    value: new Uint8Array(100).fill(index),
  }));
  await neighbour.update(dictId, entries, false);
}

const rss = async () => {
  child.send("collect");
  return (await once(child, "message"))[0].rss;
};
const latencies = async (ms) => {
  const found = [];
  const end = performance.now() + ms;
  while (performance.now() < end) {
    const before = performance.now();
    await neighbour.contains(dictId, Uint8Array.of(1));
    found.push((performance.now() - before) * 1000);
    await delay(1);
  }
  found.sort((a, b) => a - b);
  const at = (part) => Math.round(found[Math.floor(found.length * part)]);
  return `p50 ${at(0.5)} us, p99 ${at(0.99)} us`;
};

const both = { keys: true, values: true };
await delay(1000);
await rss();
await delay(500);
const before = await rss();
console.log(`neighbour before: ${await latencies(2000)}`);
const stopped = new SessionClientConnection(await connect(), token).contents(dictId, both);
await stopped.next();
// This one's connection is not read at all, though it has asked for much.
const deafCarrier = await connect();
const deaf = new SessionClientConnection(deafCarrier, token);
await deaf.ready;
const deafStream = deaf.contents(dictId, both);
await deafStream.next();
deafCarrier.pause();
for (let index = 0; index < 4000; index++) {
  deaf.get(dictId, encoder.encode(`key-${String(index).padStart(16, "0")}`)).catch(() => {});
}
console.log(`neighbour meanwhile: ${await latencies(3000)}`);
const meanwhile = await rss();
console.log(
  `server: ${((meanwhile - before) / 2 ** 20).toFixed(1)} MiB more (${Math.round(before / 2 ** 20)} MiB before)`,
);
const startMs = performance.now();
let read = 0;
for await (const batch of neighbour.contents(dictId, both)) read += batch.length;
const seconds = (performance.now() - startMs) / 1000;
console.log(`a fast consumer: ${read} entries, ${Math.round(read / seconds / 1000)}k a second`);
child.kill();
process.exit();
