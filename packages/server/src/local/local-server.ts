/**
 * How a program of the same user on the same machine finds the server that runs on a data directory, without any
 * settings. The server leaves its address in the directory, in a file that only its user can read. The first start left
 * a token there.
 *
 * The address counts only while the process that wrote it holds the directory. After a crash it may stay behind, and by
 * that time another user may listen there, who must not be given a token.
 */

import { constants } from "node:fs";
import { open, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { lockHolder } from "@everdict/directory";
import { writeAtomically } from "../tokens/write-atomically.ts";

/** The file with the address of the server that runs on a data directory. */
export const localServerName = "server.json";
const credentialsName = "credentials";

/** A server of this user on this machine. */
export interface LocalServer {
  readonly url: string;
  /** Undefined: the file with the first token was removed. */
  readonly credentials: { readonly tokenId: string; readonly tokenSecret: string } | undefined;
}

/**
 * Leaves the address of this process's server in its data directory. The process must own the directory.
 *
 * @param url - by which programs on this machine reach it
 * @returns a function that takes it away again
 * @throws what the system says
 */
export async function announceLocalServer(directory: string, url: string): Promise<() => Promise<void>> {
  const path = join(directory, localServerName);
  await writeAtomically(path, `${JSON.stringify({ url, pid: process.pid })}\n`);
  return () => rm(path, { force: true });
}

/**
 * Finds the server that runs on a data directory. It reads only a directory and files that belong to this user and that
 * nobody else may use.
 *
 * @returns undefined if none runs there, or if it cannot be seen from here, as in another container
 */
export async function findLocalServer(directory: string): Promise<LocalServer | undefined> {
  const address = parseAddress(await readOwn(directory, localServerName));
  if (address === undefined) return undefined;
  const holder = await lockHolder(directory, "owner").catch(() => undefined);
  if (holder?.pid !== address.pid || holder.isUnseen) return undefined;
  return { url: address.url, credentials: parseCredentials(await readOwn(directory, credentialsName)) };
}

async function readOwn(directory: string, name: string): Promise<string | undefined> {
  try {
    if (!isOwn(await stat(directory))) return undefined;
    await using file = await open(join(directory, name), constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
    return isOwn(await file.stat()) ? await file.readFile("utf8") : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    return undefined;
  }
}

const othersMask = 0o077;

function isOwn({ uid, mode }: { readonly uid: number; readonly mode: number }): boolean {
  // Windows has other rights than these.
  return process.getuid === undefined || (uid === process.getuid() && (mode & othersMask) === 0);
}

function parseAddress(text = ""): { readonly url: string; readonly pid: number } | undefined {
  const [, url, pid] = /^\{"url":"(https?:\/\/[^"\\]+)","pid":(\d+)\}\n$/.exec(text) ?? [];
  return url === undefined ? undefined : { url, pid: Number(pid) };
}

function parseCredentials(text = ""): LocalServer["credentials"] {
  const tokenId = /^token_id = "(ak-[A-Za-z0-9]+)"$/m.exec(text)?.[1];
  const tokenSecret = /^token_secret = "(as-[A-Za-z0-9]+)"$/m.exec(text)?.[1];
  return tokenId === undefined || tokenSecret === undefined ? undefined : { tokenId, tokenSecret };
}
