/**
 * One owner per directory, without an operating system lock (Node has none).
 *
 * Each opener makes a file of its own, whose name says which process it is, and *then* looks for others. Of two
 * openers the one that made its file later sees the other's, so two can never both believe to be alone; at
 * worst both step back, and try again after a short random pause. Who was alone says so in its file: it is an owner,
 * and those who see that give up soon, while those who only meet each other go on until one was alone. Nobody ever removes or renames a file that
 * could belong to a living process, which is where lock files that are "taken over" go wrong: files of dead
 * processes are unique to them, so removing one is safe however many do it at once.
 *
 * An owner on the same kernel, in whatever container, lives as long as its socket in the directory is listened on
 * (`owner-socket.ts`). Where there is no socket, it is the same process as before if its pid is alive and it started at
 * the same tick of the same boot (Linux; elsewhere the pid alone decides), and one of another host, or of another pid
 * namespace, cannot be looked at and counts as living.
 */

import { randomUUID } from "node:crypto";
import { readdir, readFile, readlink, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { createError } from "@everdict/protocol";
import type { DirectoryLock } from "./files.ts";
import { isListenedOn, listenInDirectory } from "./owner-socket.ts";

const attemptsAtOwner = 5;
const attemptsMax = 50;
const pauseMaxMs = 40;
const deadTick = "dead";
const lockName = /^owner\.(\d+)\.(\d+)\.[0-9a-f-]+\.lock$/;
const lockSuffix = "lock";
const socketSuffix = "sock";

/** Whether a file in a directory is that of an owner, living or dead. */
export function isLockName(name: string): boolean {
  return lockName.test(name.endsWith(socketSuffix) ? lockOf(name) : name);
}

/** Where a process is: pids mean the same to those who agree in all of this. */
interface Place {
  readonly host: string;
  readonly bootId: string;
  /** Empty where there is no such thing. */
  readonly pidNamespace: string;
}

/** What the file says besides its name. */
interface Details extends Place {
  /** False while its process has not yet seen that it is alone. */
  readonly isOwner: boolean;
  /** Whether it listens on the socket beside this file. */
  readonly hasSocket?: boolean;
}

/**
 * Makes this process the owner of a directory.
 *
 * Files that dead processes left are removed. The file layer's `lock`; see there.
 *
 * @throws `store_locked`, naming the pid and what to do
 */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  const self = await ownPlace();
  const startTick = await processStartTick(process.pid);
  const name = `owner.${process.pid}.${startTick}.${randomUUID()}.lock`;
  const path = join(directory, name);
  const socket = self.bootId === "" ? undefined : await listenInDirectory(directory, socketOf(name));
  try {
    await becomeOwner(directory, name, { ...self, hasSocket: socket !== undefined });
  } catch (error) {
    await socket?.close();
    throw error;
  }
  return {
    async release() {
      // In this order: a socket that nobody listens on would say that the owner is dead, which it still is not.
      await rm(path, { force: true });
      await socket?.close();
    },
  };
}

/** Leaves the file in the directory if nobody else owns it. */
async function becomeOwner(directory: string, name: string, self: Omit<Details, "isOwner">): Promise<void> {
  const path = join(directory, name);
  let meetings = 0;
  for (let attempt = 1; ; attempt++) {
    await writeDetails(path, { ...self, isOwner: false }, "wx");
    const other = await findOther(directory, name, self);
    if (other === undefined) {
      await writeDetails(path, { ...self, isOwner: true }, "w");
      return;
    }
    await rm(path, { force: true });
    if (other.isOwner) meetings++;
    if (meetings === attemptsAtOwner || attempt === attemptsMax) throw lockedError(other, self);
    await pause(Math.random() * pauseMaxMs);
  }
}

interface Owner {
  readonly pid: number;
  readonly path: string;
  readonly host: string;
  readonly pidNamespace: string;
  readonly isOwner: boolean;
}

/** The pid of the process that owns a directory, and its host; undefined if none does. Removes nothing. */
export async function directoryOwner(
  directory: string,
): Promise<{ readonly pid: number; readonly host: string } | undefined> {
  const owner = await findOther(directory, "", await ownPlace(), async () => {});
  return owner && { pid: owner.pid, host: owner.host };
}

/** Another living owner, if there is one; files of the dead are handed to `onDead` on the way, which removes them. */
async function findOther(
  directory: string,
  ownName: string,
  self: Place,
  onDead: (path: string) => Promise<void> = removeDead,
): Promise<Owner | undefined> {
  for (const name of await readdir(directory)) {
    const match = name === ownName ? null : lockName.exec(name);
    if (match === null) continue;
    const path = join(directory, name);
    const details = await readDetails(path);
    if (details === "gone") continue;
    const pid = Number(match[1]);
    const { host, pidNamespace } = details ?? self;
    // A file without this was written by a version that had no need to say it.
    const isOwner = details !== undefined && (details.isOwner ?? true);
    const answers = await answersOnSocket(directory, name, details, self);
    if (answers ?? (await isAlive(pid, match[2]!, details, self)))
      return { pid, path, host, pidNamespace, isOwner };
    await onDead(path);
  }
  return undefined;
}

/** Whether an owner on this kernel, in whatever container, listens on its socket; undefined if that is not known. */
async function answersOnSocket(
  directory: string,
  name: string,
  details: Details | undefined,
  self: Place,
): Promise<boolean | undefined> {
  if (details?.hasSocket !== true || details.bootId !== self.bootId) return undefined;
  return isListenedOn(directory, socketOf(name));
}

/** The lock goes last: while it is there, nobody takes its process for gone without having asked. */
async function removeDead(path: string): Promise<void> {
  await rm(socketOf(path), { force: true });
  await rm(path, { force: true });
}

function socketOf(lock: string): string {
  return `${lock.slice(0, -lockSuffix.length)}${socketSuffix}`;
}

function lockOf(socket: string): string {
  return `${socket.slice(0, -socketSuffix.length)}${lockSuffix}`;
}

async function isAlive(pid: number, startTick: string, details: Details | undefined, self: Place) {
  if (details !== undefined) {
    if (details.host !== self.host) return true;
    if (details.bootId !== self.bootId) return false;
    if (isElsewhere(details, self)) return true;
  }
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

/** Whether a process of this host is in another pid namespace, as far as that is known. */
function isElsewhere({ pidNamespace }: Pick<Place, "pidNamespace">, self: Place): boolean {
  return Boolean(pidNamespace) && self.pidNamespace !== "" && pidNamespace !== self.pidNamespace;
}

async function ownPlace(): Promise<Place> {
  const bootId = await readTrimmed("/proc/sys/kernel/random/boot_id");
  const pidNamespace = await readlink("/proc/self/ns/pid").catch(() => "");
  return { host: hostname(), bootId, pidNamespace };
}

function writeDetails(path: string, details: Details, flag: "w" | "wx"): Promise<void> {
  return writeFile(path, JSON.stringify(details), { flag });
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

function lockedError(owner: Owner, place: Place) {
  const { pid, path, host } = owner;
  if (host !== place.host || isElsewhere(owner, place)) {
    const where =
      host !== place.host ? `on host ${host}` : "in another container (pid namespace) of this host";
    return createError(
      "store_locked",
      `the data directory is owned by process ${pid} ${where}, which counts as alive because it cannot be seen ` +
        `from here: stop it or use another directory (if it is certainly gone, remove ${path})`,
    );
  }
  const self = pid === process.pid ? " (this process)" : "";
  return createError(
    "store_locked",
    `the data directory is owned by process ${pid}${self}: stop it or use another directory ` +
      `(if that process is certainly gone, remove ${path})`,
  );
}
