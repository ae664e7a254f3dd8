// The long form of the comparisons with CPython: a million values and a million keys, more with other versions.
//
//   node packages/pickle/scripts/differential.mjs [VALUES [KEYS [SEED]]]
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const [values = "1000000", keys = "1000000", seed = String(Date.now() % 2 ** 31)] = process.argv.slice(2);
const { status } = spawnSync(
  "npx",
  [
    "vitest",
    "run",
    "--no-file-parallelism",
    "packages/pickle/src/differential.test.ts",
    "packages/pickle/src/keys/differential-keys.test.ts",
  ],
  {
    cwd: fileURLToPath(new URL("../../..", import.meta.url)),
    stdio: "inherit",
    env: {
      ...process.env,
      EVERDICT_PICKLE_SEED: seed,
      EVERDICT_PICKLE_VALUES: values,
      EVERDICT_PICKLE_KEYS: keys,
      EVERDICT_PICKLE_OTHER_VALUES: String(Math.ceil(Number(values) / 20)),
      EVERDICT_PICKLE_OTHER_KEYS: String(Math.ceil(Number(keys) / 20)),
    },
  },
);
process.exit(status ?? 1);
