// `npm run dev [-- ARGS]`: server and compiler side by side; a change is compiled and the server starts again.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { build, ensureInstalled, root } from "./ensure-installed.mjs";

ensureInstalled();
build();
const bin = join(root, "packages/cli/bin/everdict.js");
const children = [
  spawn(join(root, "node_modules/.bin/tsc"), ["-b", "--watch", "--preserveWatchOutput"], {
    stdio: "inherit",
  }),
  spawn(
    process.execPath,
    ["--watch-preserve-output", "--watch", bin, "serve", "--log-level", "debug", ...process.argv.slice(2)],
    { stdio: "inherit" },
  ),
];
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => {
    for (const child of children) child.kill(signal);
  });
}
