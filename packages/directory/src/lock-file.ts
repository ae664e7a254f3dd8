/**
 * The file of a lock: its name and its content.
 *
 * `KIND.PID.TICK.BOOT-RANDOM.lock` is the file of a process that listens on the socket beside it, of the same name but
 * for its end, on the kernel of that boot: the name alone is enough to ask whether it lives, so that a lock can be taken
 * on a disk without room for the content. `KIND.PID.TICK.RANDOM.lock` is one without a socket, or of an older version.
 */

import { randomUUID } from "node:crypto";
import { type FileHandle, open, readFile } from "node:fs/promises";
import type { ProcessPlace } from "./process-place.ts";

/** What is locked: the data of a directory, or only its tokens. */
export type LockKind = "owner" | "tokens";

/** What the name of a lock's file says. */
export interface LockName {
  readonly kind: string;
  readonly pid: number;
  readonly startTick: string;
  /** Undefined without a socket, as far as the name tells. */
  readonly bootId: string | undefined;
}

/** What the file says besides its name. */
export interface LockDetails extends ProcessPlace {
  /** False while its process has not yet seen that it is alone. Files of older versions may not say it. */
  readonly isOwner?: boolean;
  /** Whether its process listens on the socket beside this file. */
  readonly hasSocket?: boolean;
}

const lockName =
  /^(owner|tokens)\.(\d+)\.(\d+)\.(?:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-)?[0-9a-f-]+\.lock$/;
const lockSuffix = "lock";
const socketSuffix = "sock";

/** The name of a new lock, which nobody else has. */
export function newLockName(kind: LockKind, startTick: string, bootId: string | undefined): string {
  const unique = bootId === undefined ? randomUUID() : `${bootId}-${randomUUID().slice(0, 8)}`;
  return `${kind}.${process.pid}.${startTick}.${unique}.${lockSuffix}`;
}

/** What a name says; undefined if it is not that of a lock. */
export function parseLockName(name: string): LockName | undefined {
  const match = lockName.exec(name);
  if (match === null) return undefined;
  return { kind: match[1]!, pid: Number(match[2]), startTick: match[3]!, bootId: match[4] };
}

/** Whether a file in a directory belongs to a lock, of the living or of the dead. */
export function isLockName(name: string): boolean {
  const lock = name.endsWith(socketSuffix) ? name.slice(0, -socketSuffix.length) + lockSuffix : name;
  return parseLockName(lock) !== undefined;
}

/** The socket beside a lock. */
export function socketOf(lock: string): string {
  return lock.slice(0, -lockSuffix.length) + socketSuffix;
}

/** Makes the file of a lock. @throws what the system says, but not that there is no room if the name is enough */
export async function createLockFile(path: string, details: LockDetails): Promise<void> {
  await write(await open(path, "wx", 0o600), details);
}

/** Changes what is in the file, in place: a reader sees the one or the other. */
export async function rewriteLockFile(path: string, details: LockDetails): Promise<void> {
  await write(await open(path, "r+"), details);
}

async function write(handle: FileHandle, details: LockDetails): Promise<void> {
  try {
    // Of the same length whatever `isOwner` is.
    const text = JSON.stringify(details);
    await handle.write(details.isOwner === true ? `${text} ` : text, 0);
  } catch (error) {
    if (details.hasSocket !== true || !isFull(error)) throw error;
  } finally {
    await handle.close();
  }
}

/** @returns undefined if the file is just being written, or could not be; `gone` if it is not there */
export async function readLockFile(path: string): Promise<LockDetails | undefined | "gone"> {
  try {
    const details: unknown = JSON.parse(await readFile(path, "utf8"));
    return isLockDetails(details) ? details : undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? "gone" : undefined;
  }
}

function isLockDetails(value: unknown): value is LockDetails {
  if (typeof value !== "object" || value === null) return false;
  const { host, bootId } = value as { readonly [Field in keyof LockDetails]?: unknown };
  return typeof host === "string" && typeof bootId === "string";
}

function isFull(error: unknown): boolean {
  return ["ENOSPC", "EDQUOT"].includes((error as NodeJS.ErrnoException).code ?? "");
}
