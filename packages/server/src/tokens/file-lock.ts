import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { createError } from "@everdict/protocol";

/** How long to wait for another process, in milliseconds. What it does under the lock takes a few. */
const defaultWaitMs = 5000;
const pauseMs = 10;
/** A lock file without a readable pid is its maker's, who is about to write it, unless it is this old. */
const unwrittenStaleMs = 2000;

/** What this process does under each lock, one after the other. */
const queues = new Map<string, Promise<void>>();

/**
 * Runs `work` while nobody else runs any under the same lock file, in this process or in another. The file holds
 * the owner's pid; one that a process left behind when it was killed is removed.
 *
 * @throws `conflict` if another process holds the lock for longer than `waitMs`, by default 5 seconds
 */
export function withFileLock<T>(
  path: string,
  work: () => Promise<T>,
  { waitMs = defaultWaitMs }: { readonly waitMs?: number } = {},
): Promise<T> {
  const before = queues.get(path) ?? Promise.resolve();
  const result = before.then(() => underLock(path, work, waitMs));
  const settled = result.then(ignore, ignore);
  queues.set(path, settled);
  void settled.then(() => {
    if (queues.get(path) === settled) queues.delete(path);
  });
  return result;
}

function ignore(): void {}

async function underLock<T>(path: string, work: () => Promise<T>, waitMs: number): Promise<T> {
  await acquire(path, waitMs);
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function acquire(path: string, waitMs: number): Promise<void> {
  const untilMs = performance.now() + waitMs;
  for (;;) {
    try {
      await writeFile(path, String(process.pid), { flag: "wx", mode: 0o600 });
      return;
    } catch (caught) {
      if ((caught as NodeJS.ErrnoException).code !== "EEXIST") throw caught;
    }
    if (await isLeftBehind(path)) await rm(path, { force: true });
    else if (performance.now() > untilMs) throw await heldTooLong(path, waitMs);
    else await delay(pauseMs * (0.5 + Math.random()));
  }
}

async function isLeftBehind(path: string): Promise<boolean> {
  const pid = await ownerPid(path);
  // Our own pid is that of an earlier process, as happens in containers: this one takes locks one at a time.
  if (pid !== undefined) return pid === process.pid || !isAlive(pid);
  try {
    return Date.now() - (await stat(path)).mtimeMs > unwrittenStaleMs;
  } catch {
    return false;
  }
}

async function ownerPid(path: string): Promise<number | undefined> {
  try {
    const pid = Number(await readFile(path, "utf8"));
    return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (caught) {
    return (caught as NodeJS.ErrnoException).code === "EPERM";
  }
}

async function heldTooLong(path: string, waitMs: number): Promise<Error> {
  const pid = await ownerPid(path);
  const message = `process ${pid ?? "(unknown)"} holds the lock ${path} for more than ${waitMs} ms`;
  return createError("conflict", `${message}; if there is no such process, remove the file`);
}
