// Makes the Python environments of the tests under .cache/python, by the pinned requirement files in conformance/python: one
// for each official client that the interop suite runs, one where tests install the package in python/everdict, and one with
// gRPC alone.
//
//   node scripts/setup-python.mjs [newest] [v1.0] [v0.74] [package] [grpc]     (default: all)
//
// A stamp with a hash of the requirements and of the interpreter makes a second run take no time. The stamp is
// written last, so an interrupted run starts over. Without a usable Python a laptop gets a loud message and
// exit 0, as the tests then skip just as loudly; CI (CI=true) gets exit 1.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const versions = ["newest", "v1.0", "v0.74", "package", "grpc"];
const interpreter = process.env.PYTHON ?? "python3";
const installLine =
  process.platform === "darwin"
    ? "brew install python"
    : "sudo apt-get install python3 python3-venv   (or your system's packages for Python >= 3.10 with venv)";

const wanted = process.argv.slice(2);
const unknown = wanted.filter((version) => !versions.includes(version));
if (unknown.length > 0) {
  console.error(`setup-python: no such environment: ${unknown.join(", ")}; there are ${versions.join(", ")}`);
  process.exit(2);
}

const pythonVersion = interpreterVersion();
if (pythonVersion === undefined)
  giveUp(`"${interpreter}" is no Python of version 3.10 or newer with the venv module`);
const results = await Promise.allSettled((wanted.length > 0 ? wanted : versions).map(setUp));
const failed = results.filter((result) => result.status === "rejected");
for (const { reason } of failed) console.error(`setup-python: ${reason.message}`);
if (failed.length > 0) giveUp(`${failed.length} Python environment(s) could not be made`);

/** The interpreter's version and path, or undefined if it cannot make environments. */
function interpreterVersion() {
  const probe =
    "import sys, venv, ensurepip; assert sys.version_info >= (3, 10); print(sys.version, sys.executable)";
  const result = spawnSync(interpreter, ["-c", probe], { encoding: "utf8" });
  return result.status === 0 ? result.stdout.trim() : undefined;
}

async function setUp(version) {
  const directory = join(root, ".cache", "python", version);
  const requirements = join(root, "conformance", "python", `requirements-${version}.txt`);
  const stampFile = join(directory, "everdict.stamp");
  const stamp = createHash("sha256").update(readFileSync(requirements)).update(pythonVersion).digest("hex");
  if (readStamp(stampFile) === stamp) return;

  const startedAtMs = Date.now();
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(dirname(directory), { recursive: true });
  await run(interpreter, ["-m", "venv", directory], `${version}: venv`);
  const pip = [
    "-m",
    "pip",
    "install",
    "--quiet",
    "--disable-pip-version-check",
    "--no-input",
    "-r",
    requirements,
  ];
  await run(join(directory, "bin", "python"), pip, `${version}: pip install`);
  await run(
    join(directory, "bin", "python"),
    ["-c", version === "grpc" ? "import grpc_tools.protoc" : "import modal, cloudpickle, numpy"],
    `${version}: import`,
  );
  writeFileSync(stampFile, stamp);
  console.log(`setup-python: ${version} ready in ${((Date.now() - startedAtMs) / 1000).toFixed(0)} s`);
}

function readStamp(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function run(command, commandArguments, title) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, commandArguments, { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    child.stdout.on("data", (chunk) => (output += chunk));
    child.stderr.on("data", (chunk) => (output += chunk));
    child.on("error", reject);
    child.on("close", (code) =>
      code === 0 ? resolve() : reject(new Error(`${title} ended with ${code}\n${output.slice(-4_000)}`)),
    );
  });
}

function giveUp(reason) {
  console.error(`
  **********************************************************************************
  setup-python: ${reason}.
  The interop tests with Python's modal client cannot run.
  To install Python:  ${installLine}
  Then again:         node scripts/setup-python.mjs
  **********************************************************************************
`);
  process.exit(process.env.CI === "true" ? 1 : 0);
}
