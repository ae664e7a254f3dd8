/** `everdict serve` as a user who may not use its data directory: real rights, and a real file system without writes. */

import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isSetUp, type TemporaryDirectory, temporaryDirectory } from "@everdict/testkit";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { buildEverdict, everdictProgram } from "../../test-support/run-everdict.ts";

vi.setConfig({ testTimeout: 60_000 });

// Rights mean nothing to root, so the server runs as nobody. Any other user has rights that can be missing.
const isRoot = process.getuid?.() === 0;
const nobody = 65_534;
const user = isRoot ? { uid: nobody, gid: nobody } : {};
const canRunAsUser =
  process.platform !== "win32" &&
  isSetUp({
    part: "a checkout that users without rights can run",
    isThere: serveAs(["--version"]).status === 0,
    remedy: "chmod o+x the folders above it",
  });
const canMount =
  process.platform === "linux" &&
  isSetUp({
    part: "the right to mount a file system",
    isThere: isRoot && spawnSync("unshare", ["--mount", "mount", "-t", "tmpfs", "none", "/mnt"]).status === 0,
    remedy: "run them as root, and in a container with `--cap-add SYS_ADMIN`",
  });

let temporary: TemporaryDirectory;
let directory: string;

beforeAll(() => buildEverdict(), 120_000);
beforeEach(() => {
  temporary = temporaryDirectory();
  chmodSync(temporary.path, 0o755);
  directory = join(temporary.path, "data");
  mkdirSync(directory);
  if (isRoot) chownSync(directory, nobody, nobody);
});
afterEach(() => {
  chmodSync(directory, 0o700);
  temporary[Symbol.dispose]();
});

function serveAs(args: readonly string[], before: readonly string[] = []) {
  const [program = "", ...rest] = [...before, process.execPath, everdictProgram, ...args];
  const env = { PATH: process.env.PATH ?? "", HOME: "/nonexistent" };
  return spawnSync(program, rest, {
    ...(before.length === 0 ? user : {}),
    env,
    encoding: "utf8",
    timeout: 30_000,
  });
}

const serve = (): string[] => ["serve", "--port", "0", "--log-level", "silent", "--data-dir", directory];

function expectRefusal(finished: ReturnType<typeof serveAs>, reason: string): void {
  expect(finished).toMatchObject({
    status: 3,
    stdout: "",
    stderr: `error: cannot use data directory ${directory}: ${reason}\nhint: choose another with --data-dir\n`,
  });
}

test.runIf(canRunAsUser)("a directory that may not be written is refused", () => {
  chmodSync(directory, 0o500);
  expectRefusal(serveAs(serve()), "permission denied");
});

test.runIf(canRunAsUser)("a directory that may not even be looked into is refused", () => {
  chmodSync(directory, 0);
  expectRefusal(serveAs(serve()), "permission denied");
});

test.runIf(canRunAsUser)("a file of the log that may not be read is refused, and left as it is", () => {
  writeFileSync(join(directory, "0000000001.segment"), "", { mode: 0 });
  expectRefusal(serveAs(serve()), "permission denied");
});

test.runIf(canMount)("a file system without writes is refused", () => {
  const script = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"';
  expectRefusal(
    serveAs(serve(), ["unshare", "--mount", "sh", "-c", script, directory]),
    "the file system is read-only",
  );
});
