/**
 * One owner per directory, without an operating system lock (Node has none).
 *
 * Each opener makes a file of its own, whose name says which process it is, and *then* looks for others. Of two
 * openers the one that made its file later sees the other's, so two can never both believe to be alone; at
 * worst both step back, and try again after a short random pause. Nobody ever removes or renames a file that
 * could belong to a living process, which is where lock files that are "taken over" go wrong: files of dead
 * processes are unique to them, so removing one is safe however many do it at once.
 *
 * A process is the same one as before if its pid is alive and it started at the same tick of the same boot
 * (Linux; elsewhere the pid alone decides). Another host's process cannot be looked at and counts as living.
 */

import { randomUUID } from "node:crypto";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { createError } from "@everdict/protocol";
import type { DirectoryLock } from "./files.ts";

const attempts = 5;
const pauseMaxMs = 40;
const deadTick = "dead";
const lockName = /^owner\.(\d+)\.(\d+)\.[0-9a-f-]+\.lock$/;

/** What the file says besides its name, for people and for telling boots and hosts apart. */
interface Details {
  readonly host: string;
  readonly bootId: string;
}

/**
 * Makes this process the owner of a directory.
 *
 * Files that dead processes left are removed. The file layer's `lock`; see there.
 *
 * @throws `store_locked`, naming the pid and what to do
 */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  const self = { host: hostname(), bootId: await readTrimmed("/proc/sys/kernel/random/boot_id") };
  const startTick = await processStartTick(process.pid);
  const name = `owner.${process.pid}.${startTick}.${randomUUID()}.lock`;
  const path = join(directory, name);
  for (let attempt = 1; ; attempt++) {
    await writeFile(path, JSON.stringify(self), { flag: "wx" });
    const other = await findOther(directory, name, self);
    if (other === undefined) return { release: () => rm(path, { force: true }) };
    await rm(path, { force: true });
    if (attempt === attempts) throw lockedError(other);
    await pause(Math.random() * pauseMaxMs);
  }
}

interface Owner {
  readonly pid: number;
  readonly path: string;
  readonly host: string;
}

/** Another living owner, if there is one; files of the dead are removed on the way. */
async function findOther(directory: string, ownName: string, self: Details): Promise<Owner | undefined> {
  for (const name of await readdir(directory)) {
    const match = name === ownName ? null : lockName.exec(name);
    if (match === null) continue;
    const path = join(directory, name);
    const details = await readDetails(path);
    if (details === "gone") continue;
    const pid = Number(match[1]);
    const host = details?.host ?? self.host;
    if (host !== self.host || (await isAlive(pid, match[2]!, details, self))) return { pid, path, host };
    await rm(path, { force: true });
  }
  return undefined;
}

async function isAlive(pid: number, startTick: string, details: Details | undefined, self: Details) {
  if (details !== undefined && details.bootId !== self.bootId) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Any other error than "no such process" means that there is one.
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  const presentTick = await processStartTick(pid);
  if (presentTick === deadTick) return false;
  return presentTick === startTick || presentTick === "0" || startTick === "0";
}

/** `undefined`: the file is just being written, or its owner died before it was. */
async function readDetails(path: string): Promise<Details | undefined | "gone"> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as Details;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? "gone" : undefined;
  }
}

/** When a process started, in ticks since boot; "0" where that cannot be known. */
async function processStartTick(pid: number): Promise<string> {
  const stat = await readTrimmed(`/proc/${pid}/stat`);
  // The second field is the program's name in parentheses, which may itself hold spaces and parentheses. The
  // state is field 3, the start is field 22.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  // A killed process whose parent has not asked for its exit status is still listed, and can be signalled.
  if (fields[0] === "Z" || fields[0] === "X") return deadTick;
  return fields[19] ?? "0";
}

async function readTrimmed(path: string): Promise<string> {
  try {
    return (await readFile(path, "utf8")).trim();
  } catch {
    return "";
  }
}

function lockedError({ pid, path, host }: Owner) {
  const self = pid === process.pid && host === hostname() ? " (this process)" : "";
  const elsewhere = host === hostname() ? "" : ` on host ${host}`;
  return createError(
    "store_locked",
    `the data directory is owned by process ${pid}${self}${elsewhere}: stop it or use another directory ` +
      `(if that process is certainly gone, remove ${path})`,
  );
}
