// Several processes work on the same few keys of one server at once; what they were answered, on the machine's one
// clock, must be explained by some order of all calls, key by key.
//
//   node conformance/scripts/linearizability.mjs [--transport session|grpc] [--processes 4] [--callers 4]
//        [--seconds 5] [--runs 4] [--seed N] [--memory] [--kill] [--commits]
//
// With --kill the server is killed (-9) and started again all the time. Then only calls are made whose repetition by
// the client has no effect of its own: a put that is repeated may undo somebody else's (docs/semantics.md).
//
// With --commits transactions, entries and values of many keys are asked for too. Not together with --kill: the version
// that an addition of unknown outcome gave is known to nobody.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { checkLinearizable, entryModel, explain, historyByKey } from "@everdict/store/suite";
import { startEverdict } from "@everdict/testkit";

const { values: flags } = parseArgs({
  options: {
    transport: { type: "string", default: "session" },
    processes: { type: "string", default: "4" },
    callers: { type: "string", default: "4" },
    seconds: { type: "string", default: "5" },
    runs: { type: "string", default: "4" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    memory: { type: "boolean", default: false },
    kill: { type: "boolean", default: false },
    commits: { type: "boolean", default: false },
  },
});
const program = fileURLToPath(new URL("./linearizability-client.mjs", import.meta.url));
const killEveryMs = 700;
if (flags.kill && flags.commits) throw new Error("--commits and --kill cannot be used together");

for (let run = 0; run < Number(flags.runs); run++) await runOnce(Number(flags.seed) + run);

async function runOnce(seed) {
  let server = await startEverdict({ memory: flags.memory });
  try {
    const clients = Array.from({ length: Number(flags.processes) }, (_, index) =>
      startClient(server, seed, index),
    );
    await Promise.all(clients.map(({ ready }) => ready));
    const all = Promise.all(clients.map(({ history }) => history));
    let isOver = false;
    const over = all.finally(() => {
      isOver = true;
    });
    over.catch(() => {});
    let kills = 0;
    while (flags.kill && !isOver) {
      await Promise.race([sleep(killEveryMs), over]);
      if (isOver) break;
      await server.kill9();
      server = await server.restart();
      kills++;
    }
    report(seed, (await all).flat(), kills);
  } finally {
    await server[Symbol.asyncDispose]();
  }
}

function startClient({ serverUrl, token }, seed, index) {
  const { transport, processes, callers, seconds, kill, commits } = flags;
  const told = {
    serverUrl,
    ...token,
    transport,
    processes: Number(processes),
    callers: Number(callers),
    seconds: Number(seconds),
    seed,
    index,
    kill,
    commits,
  };
  const child = spawn(process.execPath, [program, JSON.stringify(told)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ready = lines.next().then(({ value }) => {
    if (value !== "ready") throw new Error("a client did not start");
  });
  return { ready, history: ready.then(() => readHistory(lines)) };
}

async function readHistory(lines) {
  const operations = [];
  for await (const line of lines) operations.push(JSON.parse(line));
  return operations;
}

function report(seed, history, kills) {
  let overlapping = 0;
  for (const [key, operations] of historyByKey(history)) {
    const verdict = checkLinearizable(operations, entryModel, { stepsMax: 50_000_000 });
    if (verdict.isLinearizable !== true) throw new Error(`seed ${seed}, ${key}: ${explain(verdict)}`);
    overlapping += countOverlapping(operations);
  }
  const unknown = history.filter(({ output }) => output === undefined).length;
  const restarts = flags.kill ? `, ${kills} kills` : "";
  console.log(
    `seed ${seed}: ${history.length} calls, ${overlapping} overlaps on a key, ` +
      `${unknown} of unknown outcome${restarts}: linearizable`,
  );
}

/** How many calls began before one on the same key had ended that was called before. */
function countOverlapping(operations) {
  let latest = Number.NEGATIVE_INFINITY;
  let count = 0;
  for (const { calledAt, returnedAt } of [...operations].sort((a, b) => a.calledAt - b.calledAt)) {
    if (calledAt < latest) count++;
    latest = Math.max(latest, returnedAt ?? calledAt);
  }
  return count;
}
