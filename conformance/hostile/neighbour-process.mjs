// A neighbour in a process of its own: puts and gets in turn, by a session and by gRPC, one call after the other.
// Whenever the parent sends anything it answers how long each call took since the last time, in milliseconds.
import { setTimeout as delay } from "node:timers/promises";
import { Client, Dict } from "everdict";

const options = JSON.parse(process.argv[2]);
const clients = [Client.connect(options), Client.connect({ ...options, transport: "grpc" })];
const dicts = clients.map((client) => Dict.fromName("neighbour", { client, createIfMissing: true }));
let latencies = [];
const timed = async (call) => {
  const before = performance.now();
  const answer = await call();
  latencies.push(performance.now() - before);
  return answer;
};

process.on("message", () => {
  process.send(latencies);
  latencies = [];
});
for (let round = 0; process.connected; round++) {
  const dict = dicts[round % 2];
  const key = `k${round % 100}`;
  await timed(() => dict.put(key, round));
  const found = await timed(() => dict.get(key));
  if (found !== round) throw new Error(`${key} holds ${found} instead of ${round}`);
  await delay(2);
}
await Promise.all(clients.map((client) => client.close()));
