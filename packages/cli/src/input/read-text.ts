import { readFile } from "node:fs/promises";
import type { Readable } from "node:stream";
import type { CliContext } from "../cli-context.ts";
import { usageError } from "../cli-error.ts";

/** Reads a whole text file, or standard input for `-`. Bytes that are not UTF-8 are refused, not replaced. */
export async function readText(context: CliContext, path: string): Promise<string> {
  const bytes = path === "-" ? await readAll(context.stdin) : await readBytes(path);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError)
      throw usageError(`${path === "-" ? "standard input" : path} is not UTF-8 text`);
    throw error;
  }
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw usageError(`cannot read ${path}: ${systemReason(error)}`);
  }
}

async function readAll(input: Readable): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of input)
    chunks.push(typeof chunk === "string" ? Buffer.from(chunk) : (chunk as Buffer));
  return Buffer.concat(chunks);
}

/** What went wrong with a file, in words. */
export function systemReason(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  const words: Readonly<Record<string, string>> = {
    ENOENT: "no such file or directory",
    EACCES: "permission denied",
    EPERM: "operation not permitted",
    EISDIR: "it is a directory",
    ENOTDIR: "a part of the path is not a directory",
    EROFS: "the file system is read-only",
    ENOSPC: "no space left on the device",
  };
  return words[code ?? ""] ?? (error instanceof Error ? error.message : String(error));
}
