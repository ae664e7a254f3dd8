// The long form of the hostile test: a million mutated pickles, and no input may take a second to read.
//
//   node packages/pickle/scripts/hostile.mjs [MUTATIONS [SEED]]
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const [mutations = "1000000", seed = String(Date.now() % 2 ** 31)] = process.argv.slice(2);
const { status } = spawnSync("npx", ["vitest", "run", "packages/pickle/src/decode/hostile.test.ts"], {
  cwd: fileURLToPath(new URL("../../..", import.meta.url)),
  stdio: "inherit",
  env: {
    ...process.env,
    EVERDICT_PICKLE_SEED: seed,
    EVERDICT_PICKLE_MUTATIONS: mutations,
    EVERDICT_PICKLE_TIMED: "1",
  },
});
process.exit(status ?? 1);
