/**
 * A lock of a directory with one holder at a time. It needs no lock of the operating system, since Node offers none.
 *
 * Each taker makes a file of its own, whose name says which process it is, and *then* looks for others. Of two takers
 * the one that made its file later sees the other's, so two can never both believe to be alone; at worst both step
 * back, and try again after a short random pause. A taker that was alone says so in its file: it is the owner. Takers
 * that see an owner give up when their time is over. Takers that only meet each other go on until one was alone. Nobody
 * ever removes or renames a file that could belong to a living process; lock files that are "taken over" fail there.
 * The file of a dead process is unique to it, so any number of takers can safely remove it at once.
 *
 * A holder on the same kernel, in any container, lives as long as somebody listens on its socket in the directory
 * (`lock-socket.ts`). If its socket is gone it is dead, although its process may live: then it was a thread. Without a
 * socket, the holder lives if its pid is alive and started at the same tick of the same boot (Linux; elsewhere the pid
 * alone decides). A holder on another host, or in another pid namespace, cannot be seen and counts as living.
 */

import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type DirectoryBase, openBase, within } from "./directory-base.ts";
import {
  createLockFile,
  type LockDetails,
  type LockKind,
  type LockName,
  newLockName,
  parseLockName,
  readLockFile,
  rewriteLockFile,
  socketOf,
} from "./lock-file.ts";
import { isListenedOn, type LockSocket, listenOn } from "./lock-socket.ts";
import { isAlive, isElsewhere, ownPlace, type ProcessPlace, processStartTick } from "./process-place.ts";

/** What {@link takeLock} takes. */
export interface LockOptions {
  readonly kind: LockKind;
  /** How long to wait for an owner to end, in milliseconds. */
  readonly waitMs: number;
  /** The error to throw when somebody else goes on holding it. */
  readonly refusal: (holder: LockHolder) => Error;
}

/** Somebody who holds a lock. */
export interface LockHolder {
  readonly pid: number;
  readonly host: string;
  /** The pid, and where it counts, in words; `(this process)` if it is this one. */
  readonly description: string;
  /** Whether it counts as living because it cannot be seen from here. */
  readonly isUnseen: boolean;
  /** The file that says so. */
  readonly path: string;
}

/** A lock that this process holds. */
export interface DirectoryLock {
  /** Ends it. Never needed twice. */
  release(): Promise<void>;
}

const attemptsMin = 50;
const pauseMaxMs = 40;
/** A file without its content may be one that its process is about to write, unless it is this old. */
const unwrittenMaxMs = 2000;

/** What an attempt needs to know. */
interface Taking extends LockOptions {
  readonly directory: string;
  readonly base: DirectoryBase;
  readonly self: ProcessPlace;
}

/**
 * Takes a lock of a directory. Removes files of dead processes. If it fails, it leaves no file behind.
 *
 * @throws `refusal` if somebody holds it for longer than `waitMs`; what the system says
 */
export async function takeLock(directory: string, options: LockOptions): Promise<DirectoryLock> {
  const base = await openBase(directory);
  let socket: LockSocket | undefined;
  try {
    const self = await ownPlace();
    const startTick = await processStartTick(process.pid);
    let name = newLockName(options.kind, startTick, self.bootId || undefined);
    // Only Linux says which kernel a process runs on, without which a refused connection proves nothing.
    if (self.bootId !== "") socket = await listenOn(within(base, socketOf(name)));
    if (socket === undefined) name = newLockName(options.kind, startTick, undefined);
    await becomeOwner(name, socket !== undefined, { ...options, directory, base, self });
    return lockOf(within(base, name), socket, base);
  } catch (error) {
    await socket?.close();
    await base.close();
    throw error;
  }
}

/** The process that holds a lock; undefined if none does. Changes nothing. */
export async function lockHolder(directory: string, kind: LockKind): Promise<LockHolder | undefined> {
  const base = await openBase(directory);
  try {
    return await findOther({ directory, base, kind, self: await ownPlace() }, "", async () => {});
  } finally {
    await base.close();
  }
}

function lockOf(path: string, socket: LockSocket | undefined, base: DirectoryBase): DirectoryLock {
  return {
    async release() {
      try {
        // First: a socket that nobody listens on would say that the holder is dead, which it still is not.
        await rm(path, { force: true });
      } finally {
        await socket?.close();
        await base.close();
      }
    },
  };
}

/** Leaves the file in the directory if nobody else holds the lock, and no file otherwise. */
async function becomeOwner(name: string, hasSocket: boolean, taking: Taking): Promise<void> {
  const path = within(taking.base, name);
  const details = { ...taking.self, hasSocket };
  const begunAtMs = performance.now();
  let ownerSinceMs: number | undefined;
  for (let attempt = 1; ; attempt++) {
    const other = await attemptOnce(name, details, taking).catch(async (error: unknown) => {
      await rm(path, { force: true });
      throw error;
    });
    if (other === undefined) return;
    await rm(path, { force: true });
    const nowMs = performance.now();
    if (other.isOwner) ownerSinceMs ??= nowMs;
    const isHeld = ownerSinceMs !== undefined && nowMs - ownerSinceMs >= taking.waitMs;
    const isHopeless = attempt >= attemptsMin && nowMs - begunAtMs >= taking.waitMs;
    if (isHeld || isHopeless) throw taking.refusal(other);
    await pause(Math.random() * pauseMaxMs);
  }
}

/** @returns who else is there; undefined if nobody is, and this process the owner */
async function attemptOnce(
  name: string,
  details: LockDetails,
  taking: Taking,
): Promise<OtherHolder | undefined> {
  const path = within(taking.base, name);
  await createLockFile(path, { ...details, isOwner: false });
  const other = await findOther(taking, name, removeDead);
  if (other === undefined) await rewriteLockFile(path, { ...details, isOwner: true });
  return other;
}

interface OtherHolder extends LockHolder {
  readonly isOwner: boolean;
}

/** Another who lives, if there is one; files of the dead are handed to `onDead` on the way. */
async function findOther(
  { directory, base, kind, self }: Pick<Taking, "directory" | "base" | "kind" | "self">,
  ownName: string,
  onDead: (path: string) => Promise<void>,
): Promise<OtherHolder | undefined> {
  for (const name of await readdir(base.path)) {
    const lock = name === ownName ? undefined : parseLockName(name);
    if (lock?.kind !== kind) continue;
    const path = within(base, name);
    const details = await readLockFile(path);
    if (details === "gone") continue;
    if (await isHeld(path, lock, details, self)) {
      // A file without this was written by a version that had no need to say it.
      const isOwner = details !== undefined && (details.isOwner ?? true);
      return { ...describe(lock.pid, details ?? self, self), path: join(directory, name), isOwner };
    }
    await onDead(path);
  }
  return undefined;
}

async function isHeld(
  path: string,
  { pid, startTick, bootId }: LockName,
  details: LockDetails | undefined,
  self: ProcessPlace,
): Promise<boolean> {
  const socketBootId = bootId ?? (details?.hasSocket === true ? details.bootId : undefined);
  if (socketBootId !== undefined && socketBootId === self.bootId) {
    const isListening = await isListenedOn(socketOf(path));
    if (isListening !== undefined) return isListening;
  }
  if (await isAlive(pid, startTick, details, self)) return true;
  return details === undefined && (await isYoung(path));
}

async function isYoung(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined);
  return stats !== undefined && Math.abs(Date.now() - stats.mtimeMs) < unwrittenMaxMs;
}

/** The lock goes last: while it is there, nobody takes its process for gone without having asked. */
async function removeDead(path: string): Promise<void> {
  await rm(socketOf(path), { force: true });
  await rm(path, { force: true });
}

function describe(pid: number, place: ProcessPlace, self: ProcessPlace): Omit<LockHolder, "path"> {
  const { host } = place;
  if (host !== self.host) return { pid, host, description: `${pid} on host ${host}`, isUnseen: true };
  if (isElsewhere(place, self)) {
    return {
      pid,
      host,
      description: `${pid} in another container (pid namespace) of this host`,
      isUnseen: true,
    };
  }
  const description = pid === process.pid ? `${pid} (this process)` : String(pid);
  return { pid, host, description, isUnseen: false };
}
