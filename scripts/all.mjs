// `npm run all`: everything CI checks, and a smoke run of the benchmark.
import { run } from "./ensure-installed.mjs";

run(process.execPath, ["scripts/test.mjs"]);
run(process.execPath, ["scripts/bench.mjs", "--smoke"]);
