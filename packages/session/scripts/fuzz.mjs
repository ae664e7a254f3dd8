// The long form of the fuzz test: 100,000 frames for each seed and each end of a session.
//
//   npm run fuzz -w packages/session [-- FRAMES [SEED]]
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "../../..");
const frames = process.argv[2] ?? "100000";
// Two seeds are fixed; the third is new with each run and stands in the titles.
const seed = process.argv[3] ?? String(Date.now() >>> 0);
const args = ["vitest", "run", "packages/session/src/fuzz.test.ts", "--testTimeout", "1200000"];
const { status } = spawnSync("npx", args, {
  cwd: root,
  stdio: "inherit",
  env: { ...process.env, EVERDICT_FUZZ_FRAMES: frames, EVERDICT_FUZZ_SEED: seed },
});
process.exit(status ?? 1);
