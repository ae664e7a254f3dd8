import { type ChildProcess, fork, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { temporaryDirectory } from "@everdict/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { isLockName, type LockHolder, lockHolder, takeLock } from "./index.ts";

const taker = fileURLToPath(new URL("../scripts/take-lock.mjs", import.meta.url));
const bootIdPath = "/proc/sys/kernel/random/boot_id";
const bootId = existsSync(bootIdPath) ? readFileSync(bootIdPath, "utf8").trim() : "";
const isLinux = process.platform === "linux";
/** A pid that no process has: the largest there can be is 2 ** 22. */
const deadPid = 2 ** 22 + 1;

/** Until the end of the test. */
function newDirectory(): string {
  const directory = temporaryDirectory();
  onTestFinished(() => directory[Symbol.dispose]());
  return directory.path;
}

const refusal = (holder: LockHolder): Error => new Error(`held by ${holder.description}`);
const options = { kind: "owner", waitMs: 50, refusal } as const;

/** The file of a lock that somebody left; with `details` as of an older version. */
function plant(directory: string, unique: string, details?: object): string {
  const name = `owner.${process.pid}.1.${unique}.lock`;
  writeFileSync(join(directory, name), details === undefined ? "" : JSON.stringify(details));
  return name;
}

async function startTaker(directory: string): Promise<ChildProcess> {
  const child = fork(taker, [directory], { execArgv: [], stdio: ["ignore", "inherit", "inherit", "ipc"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child, "message");
  return child;
}

test("a lock is held by one at a time, shown to others, and leaves nothing", async () => {
  const directory = newDirectory();
  const lock = await takeLock(directory, options);
  await expect(takeLock(directory, options)).rejects.toThrow(`held by ${process.pid} (this process)`);
  expect(await lockHolder(directory, "owner")).toMatchObject({ pid: process.pid, isUnseen: false });
  // One of another kind is another lock.
  await (await takeLock(directory, { ...options, kind: "tokens" })).release();
  for (const name of readdirSync(directory)) {
    expect(isLockName(name)).toBe(true);
    expect(statSync(join(directory, name)).mode & 0o777).toBe(0o600);
  }
  await lock.release();
  expect(readdirSync(directory)).toEqual([]);
  expect(await lockHolder(directory, "owner")).toBeUndefined();
});

describe("a lock left behind", () => {
  const here = { host: hostname(), bootId };
  test.runIf(isLinux).each([
    ["without its socket, on this boot", `${bootId}-01234567`, undefined],
    ["without its socket, on this boot, by an older version", randomUUID(), { ...here, hasSocket: true }],
    ["before this boot", `${randomUUID()}-01234567`, { ...here, bootId: "another" }],
    ["before this boot, by an older version", randomUUID(), { ...here, bootId: "another" }],
  ])("%s is removed, although its pid is that of a living process", async (_, unique, details) => {
    const directory = newDirectory();
    const name = plant(directory, unique, details);
    const lock = await takeLock(directory, { ...options, waitMs: 0 });
    expect(readdirSync(directory)).not.toContain(name);
    await lock.release();
    expect(readdirSync(directory)).toEqual([]);
  });

  test("of another host counts as held", async () => {
    const directory = newDirectory();
    plant(directory, randomUUID(), { host: "elsewhere", bootId: "another" });
    await expect(takeLock(directory, options)).rejects.toThrow("on host elsewhere");
    expect(readdirSync(directory)).toHaveLength(1);
  });

  test("that is just being written on another machine is not taken for dead", async () => {
    const directory = newDirectory();
    const name = `owner.${deadPid}.1.${randomUUID()}.lock`;
    writeFileSync(join(directory, name), "");
    expect(await lockHolder(directory, "owner")).toMatchObject({ pid: deadPid });
  });
});

test.runIf(isLinux)("a lock goes with a directory that is renamed", async () => {
  const directory = newDirectory();
  const renamed = `${directory}-renamed`;
  onTestFinished(() => rmSync(renamed, { recursive: true, force: true }));
  const lock = await takeLock(directory, options);
  renameSync(directory, renamed);
  await expect(takeLock(renamed, options)).rejects.toThrow("held by");
  await lock.release();
  expect(readdirSync(renamed)).toEqual([]);
});

test("three processes that find the lock of a dead one get it one after the other, 100 times", async () => {
  const directory = newDirectory();
  const takers = await Promise.all([1, 2, 3].map(() => startTaker(directory)));
  for (let round = 0; round < 100; round++) {
    if (isLinux) plant(directory, `${bootId}-${round}`);
    const details = JSON.stringify({ host: hostname(), bootId });
    writeFileSync(join(directory, `owner.${deadPid}.1.${randomUUID()}.lock`), details);
    const answers = takers.map((child) => once(child, "message"));
    for (const child of takers) child.send(10_000);
    expect(await Promise.all(answers)).toEqual(takers.map(() => ["held it alone", undefined]));
    expect(readdirSync(directory)).toEqual([]);
  }
});

test.runIf(isLinux)("a lock whose file cannot be written leaves nothing behind", async () => {
  const directory = newDirectory();
  // No file may have a byte; that is no signal but an error.
  const script = `trap '' XFSZ; ulimit -f 0; exec "$@"`;
  const child = spawn("sh", ["-c", script, "sh", process.execPath, taker, directory], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child, "message");
  child.send(0);
  const [answer] = await once(child, "message");
  expect(answer).toMatch(/^EFBIG: .*; left behind: $/);
  expect(readdirSync(directory)).toEqual([]);
});
