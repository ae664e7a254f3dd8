// Pops and conditional puts at full rate for a minute: nothing is refused, and the server's memory is flat.
//
//   npx tsc -b && node packages/client/bench/sustained-writes.mjs [seconds=60] [memory|log=memory] [session|grpc=session] [clients=1]
//
// Each client is a process of its own that has 256 calls under way: conditional puts of fresh keys, and pops of what
// was put. The server is the real one. Prints calls a second and the server's memory every five seconds; an error in
// any client ends the run with exit code 1.

import { fork, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const outstanding = 256;

async function client([url, transport, number]) {
  const { Client, Dict } = await import("everdict");
  const connection = Client.connect({ url, transport });
  const dict = Dict.fromName("sustained", { createIfMissing: true, client: connection });
  await dict.hydrate();
  let calls = 0;
  let next = 0;
  const caller = async () => {
    for (;;) {
      const key = `${number}-${next++}`;
      if (!(await dict.put(key, "x".repeat(100), { skipIfExists: true })))
        throw new Error("a fresh key was there");
      if ((await dict.pop(key)) === undefined) throw new Error("a key was gone");
      calls += 2;
    }
  };
  for (let index = 0; index < outstanding; index++) {
    caller().catch((error) => {
      console.error(error);
      process.exit(1);
    });
  }
  process.on("message", () => process.send({ calls }));
  process.on("disconnect", () => process.exit());
}

function residentMiB(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) / 1024;
}

async function run([seconds = "60", store = "memory", transport = "session", clients = "1"]) {
  const directory = mkdtempSync(join(tmpdir(), "everdict-sustained-"));
  const program = fileURLToPath(new URL("../../cli/bin/everdict.js", import.meta.url));
  const where = store === "memory" ? ["--memory"] : ["--data-dir", directory];
  const server = spawn(process.execPath, [program, "serve", "--port", "0", ...where], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, HOME: directory },
  });
  const printed = {};
  for await (const line of createInterface({ input: server.stdout })) {
    const [, name, value] = /^\s*(?:export )?([A-Z_]+)=["']?([^"']*)/.exec(line) ?? [];
    if (name !== undefined) printed[name] = value;
    if (["MODAL_SERVER_URL", "MODAL_TOKEN_ID", "MODAL_TOKEN_SECRET"].every((each) => printed[each])) break;
  }
  const url = printed.MODAL_SERVER_URL.replace(
    "://",
    `://${printed.MODAL_TOKEN_ID}:${printed.MODAL_TOKEN_SECRET}@`,
  );
  const children = Array.from({ length: Number(clients) }, (_, number) =>
    fork(fileURLToPath(import.meta.url), ["--client", url, transport, String(number)]),
  );
  let failed = false;
  for (const child of children) {
    child.on("exit", (code) => {
      if (code === 1) failed = true;
    });
  }
  const total = async () => {
    const counts = children.map(async (child) => {
      child.send("count");
      return (await once(child, "message"))[0].calls;
    });
    return (await Promise.all(counts)).reduce((sum, calls) => sum + calls, 0);
  };
  console.log(`${transport}, ${clients} client(s), server on ${store}`);
  let before = 0;
  for (let elapsed = 5; elapsed <= Number(seconds) && !failed; elapsed += 5) {
    await new Promise((resolve) => setTimeout(resolve, 5000));
    if (failed) break;
    const calls = await total();
    const rate = Math.round((calls - before) / 5);
    console.log(`${elapsed} s: ${calls} calls, ${rate}/s, server ${residentMiB(server.pid).toFixed(0)} MiB`);
    before = calls;
  }
  for (const child of children) child.disconnect();
  server.kill();
  await once(server, "exit");
  rmSync(directory, { recursive: true });
  console.log(failed ? "a client failed" : "no error");
  process.exit(failed ? 1 : 0);
}

const [role, ...rest] = process.argv.slice(2);
if (role === "--client") await client(rest);
else await run(process.argv.slice(2));
