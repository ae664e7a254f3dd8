// The long form of the linearizability suite of the stores: concurrent clients of one store in this process, commits and
// versions included, until so many operations are checked. Ends with an error at the first answer that no order explains.
//
//   node packages/store-log/scripts/linearizability.mjs [--store memory|log] [--operations 1000000] [--seed N]
//        [--clients 16] [--calls 40] [--keys 4]
//
// Prints how many operations really overlapped: were under way together with another one on their key.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createMemoryStore } from "@everdict/store";
import { checkKeys, openWorld, overlapping, recordHistory } from "@everdict/store/suite";
import { openLogStore } from "../dist/index.js";

const { values: flags } = parseArgs({
  options: {
    store: { type: "string", default: "memory" },
    operations: { type: "string", default: "1000000" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    clients: { type: "string", default: "16" },
    calls: { type: "string", default: "40" },
    keys: { type: "string", default: "4" },
  },
});
/** Then a new store, so that what the checks do not need does not pile up. */
const historiesPerStore = 200;
const wanted = Number(flags.operations);
const total = { operations: 0, overlapped: 0, commits: 0, histories: 0 };

while (total.operations < wanted) {
  const world = await openWorld(flags.store === "log" ? openOnDisk : openInMemory);
  try {
    for (let left = historiesPerStore; left > 0 && total.operations < wanted; left--) await checkOne(world);
  } finally {
    await world.destroy();
  }
}
const share = ((100 * total.overlapped) / total.operations).toFixed(1);
console.log(
  `${flags.store}: ${total.operations} operations in ${total.histories} histories from seed ${flags.seed} on, ` +
    `${total.commits} of them commits; ${total.overlapped} overlapped (${share} %). Each key was linearizable.`,
);

async function checkOne(world) {
  const seed = Number(flags.seed) + total.histories;
  const history = await recordHistory(world, {
    seed,
    clients: Number(flags.clients),
    callsPerClient: Number(flags.calls),
    keys: Number(flags.keys),
    isWhole: total.histories % 4 === 0,
  });
  try {
    checkKeys(history);
  } catch (caught) {
    throw new Error(`seed ${seed}`, { cause: caught });
  }
  total.histories++;
  total.operations += history.length;
  total.overlapped += overlapping(history);
  total.commits += history.filter(({ input }) => input.do === "commit").length;
}

async function openInMemory(options) {
  const store = createMemoryStore(options);
  return { store, destroy: () => store.close() };
}

async function openOnDisk(options) {
  const directory = await mkdtemp(join(tmpdir(), "everdict-linearizability-"));
  const store = await openLogStore({ directory, ...options });
  const destroy = async () => {
    await store.close();
    await rm(directory, { recursive: true });
  };
  return { store, destroy };
}
