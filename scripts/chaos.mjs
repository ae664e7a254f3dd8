// `npm run chaos [-- ROUNDS]`: everything that the cluster store promises when something fails, in its long form.
//
// 1. the chaos tests of the store, ROUNDS times by as many seeds
// 2. servers and masters killed, servers restarted, 3,000 slots moved, under Python's client and TypeScript's
// 3. the conformance suite of stores on a 3+6 cluster
// 4. a real partition, where network namespaces can be made (root and iproute2); skipped loudly elsewhere
import { spawnSync } from "node:child_process";
import { build, ensureInstalled, root, run, tool } from "./ensure-installed.mjs";

const rounds = String(Math.max(2, Number(process.argv[2] ?? 5)));

ensureInstalled();
build();
const vitest = (path, variables) =>
  tool("vitest", ["run", "--no-file-parallelism", path], { env: { ...process.env, ...variables } });
vitest("packages/store-redis/src/store/chaos.test.ts", { EVERDICT_CHAOS_ROUNDS: rounds });
run(process.execPath, ["scripts/setup-python.mjs"]);
vitest("conformance/faults/cluster-", { EVERDICT_FULL: "1" });
vitest("packages/store-redis/src/store/cluster.test.ts", { EVERDICT_TEST_REPLICAS: "2" });

const namespacesImpossible = 2;
const partition = spawnSync(process.execPath, ["packages/store-redis/scripts/partition.mjs"], {
  cwd: root,
  stdio: "inherit",
});
if (partition.status === namespacesImpossible) {
  console.error(
    "\n  **********\n  chaos: THE PARTITION WAS NOT TRIED. It needs network namespaces: run this as root, with iproute2\n  **********\n",
  );
} else process.exitCode = partition.status ?? 1;
