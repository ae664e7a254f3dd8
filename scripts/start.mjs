// `npm start [-- ARGS]`: installs what is missing, builds, and serves. ARGS go to `everdict serve`.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { build, ensureInstalled, root } from "./ensure-installed.mjs";

ensureInstalled();
build();
const bin = join(root, "packages/cli/bin/everdict.js");
const server = spawn(process.execPath, [bin, "serve", ...process.argv.slice(2)], { stdio: "inherit" });
// Ctrl-C reaches the server by itself (same terminal); a signal to this process alone must be passed on.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => server.kill(signal));
server.on("exit", (code, signal) => process.exit(code ?? (signal === null ? 1 : 128)));
