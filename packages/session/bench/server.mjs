// The server of the benchmark, in a process of its own: an engine in memory behind both carriers, on one port.
import { createServer } from "node:http";
import { openMemoryEngine } from "@everdict/embedded";
import { SessionHost } from "@everdict/session";
import { SessionUpgrades } from "@everdict/session/node";

const kind = process.argv[2] ?? "engine";

/** A service of almost nothing, to see the transport alone: a map by text, answers at once. */
function bareService() {
  const entries = new Map();
  const text = (key) => Buffer.prototype.latin1Slice.call(key, 0, key.length);
  return {
    get: (_dictId, key) => entries.get(text(key)),
    update: (_dictId, updates) => {
      for (const { key, value } of updates) entries.set(text(key), new Uint8Array(value));
      return true;
    },
    getOrCreateDict: async () => ({
      dictId: "di-0000000000000000000000",
      name: "bench",
      createdAtSeconds: 0,
      createdBy: "",
    }),
  };
}

const engine = await openMemoryEngine({ sweepIntervalMs: 0 });
const service = kind === "bare" ? bareService() : engine.promptServiceFor({ id: "bench", name: "bench" });
const caller = { service, isValid: () => true };
const authorize = () => caller;
const host = new SessionHost({
  authorize,
  lowLatency: true,
  onDefect: console.error,
  onSessionError: console.error,
});
const upgrades = new SessionUpgrades({ host, authorize });
const server = createServer((_request, response) => response.writeHead(404).end());
server.on("upgrade", (request, socket, head) => {
  if (!upgrades.handle(request, socket, head)) socket.destroy();
});
server.listen(0, "127.0.0.1", () => process.send({ port: server.address().port }));
process.on("message", (message) => {
  if (message === "collect") globalThis.gc?.();
  process.send({ cpu: process.cpuUsage(), rss: process.memoryUsage().rss });
});
process.on("disconnect", () => process.exit());
