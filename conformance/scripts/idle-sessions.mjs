// What it costs the real server, in a process of its own, to have many clients that do nothing and many short-lived
// dictionaries, all alive at once. Ends with status 1 if a session takes more than 30 KiB.
//
//   node conformance/scripts/idle-sessions.mjs [sessions=5000] [dictionaries=50000]
//
// The sessions have made one call each. Resident memory is compared with that of the same server before, after it had and
// lost some sessions, so that what the first connections load is not counted. Linux only, as memory is read from /proc.
import { SessionClientConnection } from "@everdict/session";
import { connectSession } from "@everdict/session/node";
import { collectable, settledMemory, startEverdict } from "@everdict/testkit";

const sessionCount = Number(process.argv[2] ?? 5000);
const dictCount = Number(process.argv[3] ?? 50_000);
const sessionMaxKib = 30;
/** With fewer, a single page of memory more or less would decide. */
const judgedFrom = 500;
const atOnce = 100;
const key = Uint8Array.of(1);

const server = await startEverdict({ nodeArgs: collectable });
const faults = [];

/** Does something so often, some at a time. Answers what came of each. */
async function inTurns(count, work) {
  const results = new Array(count);
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < count; index = next++) results[index] = await work(index);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}

async function open(scheme, count) {
  const url = server.serverUrl.replace("http", scheme);
  return inTurns(count, async () => {
    const carrier = await connectSession({ url });
    const session = new SessionClientConnection(carrier, { ...server.token, timeoutMs: 120_000 });
    await session.listEnvironments();
    return session;
  });
}

for (const scheme of ["http", "ws"]) {
  for (const session of await open(scheme, 300)) await session.close();
}
const alive = [];
for (const [carrier, scheme] of [
  ["bare frames", "http"],
  ["WebSocket", "ws"],
]) {
  const before = await settledMemory(server);
  alive.push(...(await open(scheme, sessionCount)));
  const after = await settledMemory(server);
  const kib = ((after.residentMiB - before.residentMiB) * 1024) / sessionCount;
  console.log(`${carrier}: ${kib.toFixed(1)} KiB a session (${sessionCount} sessions)`);
  if (sessionCount >= judgedFrom && !(kib <= sessionMaxKib)) faults.push(`${carrier}: ${kib} KiB a session`);
}

const before = await settledMemory(server);
const dictIds = await inTurns(dictCount, async () => {
  const { dictId } = await alive[0].getOrCreateDict({ mode: "ephemeral", environment: "" });
  await alive[0].heartbeat(dictId);
  return dictId;
});
const empty = await settledMemory(server);
await inTurns(dictCount, (index) => alive[0].update(dictIds[index], [{ key, value: key }]));
const filled = await settledMemory(server);
const each = (from, to) => Math.round(((to.residentMiB - from.residentMiB) * 2 ** 20) / dictCount);
console.log(`ephemeral dictionary: ${each(before, empty)} bytes (${dictCount} dictionaries)`);
console.log(`ephemeral dictionary with an entry: ${each(before, filled)} bytes`);

// All of them, sessions and dictionaries, are still there.
const lengths = await inTurns(Math.max(alive.length, dictCount), (index) =>
  alive[index % alive.length].len(dictIds[index % dictCount]),
);
if (lengths.some((length) => length !== 1)) faults.push("a dictionary is not what it was");

for (const fault of faults) console.error(fault);
await server[Symbol.asyncDispose]();
process.exit(faults.length === 0 ? 0 : 1);
