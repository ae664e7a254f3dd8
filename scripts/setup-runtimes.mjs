// Installs what the client is tested in besides the Node that runs the tests: other versions of Node, Bun and Deno
// from npm under .cache/runtimes, and finds Chromium, which CI installs by itself.
//
//   node scripts/setup-runtimes.mjs
//
// Versions are pinned in conformance/runtimes/versions.json; a second run takes no time. These are prebuilt for Linux
// on x64. What is missing gets a loud message and exit 0 on a laptop, as the tests then skip just as loudly; CI
// (CI=true) gets exit 1.
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const pinned = join(root, "conformance", "runtimes", "versions.json");
const directory = join(root, ".cache", "runtimes");
const browsers = ["chromium", "chromium-browser", "google-chrome"];
const chromiumLine = "sudo apt-get install chromium   (or your system's package)";

const problems = [installRuntimes(), installChromium()].filter((problem) => problem !== undefined);
for (const problem of problems) console.error(`\n*** setup-runtimes: ${problem}\n`);
process.exit(problems.length > 0 && process.env.CI === "true" ? 1 : 0);

function installRuntimes() {
  if (process.platform !== "linux" || process.arch !== "x64") {
    return `the other runtimes are installed for linux-x64 only, this is ${process.platform}-${process.arch}`;
  }
  const copy = join(directory, "package.json");
  if (existsSync(join(directory, "node_modules")) && sameFile(copy, pinned)) return undefined;
  mkdirSync(directory, { recursive: true });
  const startedAtMs = Date.now();
  const args = [
    "install",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--no-package-lock",
    "--loglevel=error",
  ];
  copyFileSync(pinned, copy);
  const { status, stderr } = spawnSync("npm", args, { cwd: directory, encoding: "utf8" });
  if (status !== 0) {
    rmSync(copy);
    return `npm could not install the runtimes: ${stderr.slice(-2000)}`;
  }
  console.log(`setup-runtimes: ready in ${((Date.now() - startedAtMs) / 1000).toFixed(0)} s`);
  return undefined;
}

function sameFile(one, other) {
  return existsSync(one) && readFileSync(one).equals(readFileSync(other));
}

function installChromium() {
  if (browsers.some(isThere)) return undefined;
  const mayInstall = process.env.CI === "true" && process.getuid?.() === 0 && isThere("apt-get");
  if (!mayInstall) return `there is no Chromium. To install it: ${chromiumLine}`;
  spawnSync("apt-get", ["update"], { stdio: "ignore" });
  const { status, stderr } = spawnSync("apt-get", ["install", "-y", "--no-install-recommends", "chromium"], {
    encoding: "utf8",
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
  return status === 0 ? undefined : `apt-get could not install chromium: ${stderr.slice(-2000)}`;
}

function isThere(program) {
  return spawnSync("sh", ["-c", `command -v ${program}`], { stdio: "ignore" }).status === 0;
}
