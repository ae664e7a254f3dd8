// `npm test [-- ARGS]`: sets up what the tests need (packages, a build, Python's modal client, a Redis server,
// other runtimes), checks types,
// lint and format, and runs the tests. With ARGS only the tests that they name run.
import { build, ensureInstalled, run, tool } from "./ensure-installed.mjs";

ensureInstalled();
build();
run(process.execPath, ["scripts/setup-python.mjs"]);
run(process.execPath, ["scripts/setup-redis.mjs"]);
run(process.execPath, ["scripts/setup-runtimes.mjs"]);
const args = process.argv.slice(2);
if (args.length === 0) {
  tool("biome", ["check", "."]);
  tool("tsc", ["-p", "tsconfig.tests.json"]);
}
tool("vitest", ["run", ...args]);
