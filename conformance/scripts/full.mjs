// Runs the heavier tests in their full form: every round that the interop suite promises.
//
//   node conformance/scripts/full.mjs [contention|faults|hostile|large|load|loop|real-data]
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const wanted = process.argv.slice(2);
const folders = (
  wanted.length > 0 ? wanted : ["contention", "faults", "hostile", "large", "load", "loop", "real-data"]
).map((folder) => `conformance/${folder}`);
const { status } = spawnSync("npx", ["vitest", "run", "--no-file-parallelism", ...folders], {
  cwd: root,
  stdio: "inherit",
  env: { ...process.env, EVERDICT_FULL: "1" },
});
process.exit(status ?? 1);
