// Memory of a server per idle session, for each carrier.
//
//   node packages/session/bench/idle-sessions.mjs [sessions=5000]
//
// The sessions have said HELLO and have made one call. Resident memory is compared with that of the same server
// before, after it had and lost some sessions, so that what the first connections load is not counted.
import { fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { SessionClientConnection } from "@everdict/session";
import { connectSession } from "@everdict/session/node";

const count = Number(process.argv[2] ?? 5000);
const token = { tokenId: "a", tokenSecret: "b" };

async function open(url, number) {
  const connections = [];
  while (connections.length < number) {
    const some = Math.min(100, number - connections.length);
    connections.push(
      ...(await Promise.all(
        Array.from(
          { length: some },
          async () => new SessionClientConnection(await connectSession({ url }), token),
        ),
      )),
    );
    await Promise.all(
      connections
        .slice(-some)
        .map((each) => each.get("di-0000000000000000000000", Uint8Array.of(1)).catch(() => {})),
    );
  }
  return connections;
}

for (const scheme of ["http", "ws"]) {
  const child = fork(new URL("./server.mjs", import.meta.url), ["engine"], { execArgv: ["--expose-gc"] });
  const [{ port }] = await once(child, "message");
  const url = `${scheme}://127.0.0.1:${port}`;
  const rss = async () => {
    child.send("collect");
    await delay(300);
    child.send("collect");
    const [first] = await once(child, "message");
    const [second] = await once(child, "message");
    return Math.min(first.rss, second.rss);
  };
  for (const each of await open(url, 200)) await each.close();
  await delay(500);
  const before = await rss();
  const connections = await open(url, count);
  await delay(1000);
  const after = await rss();
  const kib = ((after - before) / count / 1024).toFixed(1);
  console.log(
    `${scheme === "http" ? "bare frames" : "WebSocket"}: ${kib} KiB a session (${count} sessions, ${Math.round(after / 2 ** 20)} MiB in all)`,
  );
  for (const each of connections) each.close();
  child.kill();
  await once(child, "exit");
}
process.exit();
