// `npm run bench [-- ARGS]`: builds and runs the benchmark suite in bench/.
import { build, ensureInstalled, run } from "./ensure-installed.mjs";

ensureInstalled();
build();
run(process.execPath, ["bench/dist/main.js", ...process.argv.slice(2)]);
