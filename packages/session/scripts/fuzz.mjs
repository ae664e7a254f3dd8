// The long form of the fuzz test: 100,000 frames for each seed and each end of a session.
//
//   npm run fuzz -w packages/session [-- FRAMES]
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "../../..");
const frames = process.argv[2] ?? "100000";
const args = ["vitest", "run", "packages/session/src/fuzz.test.ts", "--testTimeout", "1200000"];
const { status } = spawnSync("npx", args, {
  cwd: root,
  stdio: "inherit",
  env: { ...process.env, EVERDICT_FUZZ_FRAMES: frames },
});
process.exit(status ?? 1);
