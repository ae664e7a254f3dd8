import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { Redis } from "ioredis";

const fsyncOf = { sync: "always", everysec: "everysec" };
const scanCount = 1000;

/** Redis in a process of its own, through ioredis with auto-pipelining, plain keys: its quickest setting. */
export const redis = {
  async open({ directory, durability }) {
    const port = await freePort();
    const args = ["--port", port, "--bind", "127.0.0.1", "--dir", directory, "--save", ""];
    args.push("--appendonly", "yes", "--appendfsync", fsyncOf[durability]);
    const server = spawn("redis-server", args.map(String), { stdio: ["ignore", "pipe", "inherit"] });
    const exited = once(server, "exit");
    let printed = "";
    for await (const text of server.stdout.setEncoding("utf8")) {
      printed += text;
      if (printed.includes("Ready to accept connections")) break;
    }
    // What it goes on to print is nobody's concern, but has to go somewhere.
    server.stdout.resume();
    const client = new Redis({ port, host: "127.0.0.1", enableAutoPipelining: true });
    await client.ping();
    return {
      serverPid: server.pid,
      get: (key) => client.getBuffer(key),
      put: (key, value) => client.set(key, value),
      putIfAbsent: async (key, value) => (await client.set(key, value, "NX")) === "OK",
      pop: (key) => client.getdelBuffer(key),
      update: (entries) => client.mset(entries.flatMap(({ key, value }) => [key, value])),
      scan: () => scan(client),
      clear: () => client.flushdb("ASYNC"),
      async close() {
        client.disconnect();
        server.kill("SIGTERM");
        await exited;
      },
    };
  },
};

async function scan(client) {
  let count = 0;
  let cursor = "0";
  do {
    const [next, keys] = await client.scanBuffer(cursor, "COUNT", scanCount);
    if (keys.length > 0) count += (await client.mgetBuffer(keys)).length;
    cursor = next.toString();
  } while (cursor !== "0");
  return count;
}

async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  await once(probe, "close");
  return port;
}
