import { type ChildProcess, fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type TemporaryDirectory, temporaryDirectory } from "@everdict/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { openTokenFile } from "./token-file.ts";
import { withTokenLock } from "./token-lock.ts";

const creator = fileURLToPath(new URL("../../testing/token-on-demand.mjs", import.meta.url));

const locksIn = ({ path }: TemporaryDirectory): string[] =>
  readdirSync(path).filter((name) => /\.(lock|sock)$/.test(name));

/** A pid that no process has: the largest there can be is 2 ** 22. */
const deadPid = 2 ** 22 + 1;
const bootIdPath = "/proc/sys/kernel/random/boot_id";
const bootId = existsSync(bootIdPath) ? readFileSync(bootIdPath, "utf8").trim() : "";

/** What a process leaves that was killed while it held the lock. */
function plantDeadLock({ path }: TemporaryDirectory): void {
  const name = `tokens.${deadPid}.1.${randomUUID()}.lock`;
  writeFileSync(join(path, name), JSON.stringify({ host: hostname(), bootId }));
}

describe("a lock left behind", () => {
  test("by a process that is gone is removed", async () => {
    using directory = temporaryDirectory();
    plantDeadLock(directory);
    expect(await withTokenLock(directory.path, async () => locksIn(directory).length)).toBeGreaterThan(0);
    expect(locksIn(directory)).toEqual([]);
  });

  test("by a process of another host counts as held, with its pid in the error", async () => {
    using directory = temporaryDirectory();
    const details = JSON.stringify({ host: "elsewhere", bootId: "another boot" });
    writeFileSync(join(directory.path, `tokens.7.1.${"0".repeat(36)}.lock`), details);
    let ran = false;
    const work = async () => {
      ran = true;
    };
    const locked = withTokenLock(directory.path, work, { waitMs: 50 });
    await expect(locked).rejects.toMatchObject({ code: "conflict" });
    await expect(locked).rejects.toThrow("process 7 on host elsewhere");
    expect(ran).toBe(false);
    expect(locksIn(directory)).toEqual([`tokens.7.1.${"0".repeat(36)}.lock`]);
  });
});

test("work under one lock never overlaps, and a failure lets the next one go on", async () => {
  using directory = temporaryDirectory();
  let running = 0;
  const order: number[] = [];
  const work = async (index: number) => {
    expect(++running).toBe(1);
    await new Promise((resolve) => setImmediate(resolve));
    running--;
    order.push(index);
    if (index === 3) throw new Error("failed");
  };
  const all = Array.from({ length: 10 }, (_, index) => withTokenLock(directory.path, () => work(index)));
  const outcomes = await Promise.allSettled(all);
  expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(outcomes.map(({ status }) => status).indexOf("rejected")).toBe(3);
  expect(locksIn(directory)).toEqual([]);
});

/** A process that makes a token whenever it is told a name, and says which. */
async function startCreator(directory: string): Promise<ChildProcess> {
  const child = fork(creator, [directory], { execArgv: [], stdio: ["ignore", "inherit", "inherit", "ipc"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child, "message");
  return child;
}

test("two processes that find the lock of a dead one both get their tokens made, 100 times", async () => {
  using directory = temporaryDirectory();
  const creators = [await startCreator(directory.path), await startCreator(directory.path)];
  const made: string[] = [];
  for (let round = 0; round < 100; round++) {
    // Of the present form, and of that of older versions.
    plantDeadLock(directory);
    writeFileSync(join(directory.path, "tokens.json.lock"), String(deadPid));
    const answers = creators.map((child) => once(child, "message"));
    for (const [index, child] of creators.entries()) child.send(`${round}-${index}`);
    for (const [tokenId] of await Promise.all(answers)) made.push(tokenId);
  }
  const kept = (await (await openTokenFile(directory.path)).list()).map(({ tokenId }) => tokenId);
  expect(kept.length).toBe(200);
  expect(new Set(kept)).toEqual(new Set(made));
  expect(readFileSync(join(directory.path, "tokens.json"), "utf8")).toContain("99-1");
});
