import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import type { CliContext } from "../cli-context.ts";
import { usageError } from "../cli-error.ts";
import { systemReason } from "./system-reason.ts";

/**
 * Reads a whole text file, or standard input for `-`. Bytes that are not UTF-8 are refused, not replaced. A byte-order
 * mark before the text is left out.
 */
export async function readText(
  context: CliContext,
  path: string,
  hint = "save it as UTF-8",
): Promise<string> {
  const bytes = await readBytes(context, path);
  return requireText(path, hint, () => newDecoder().decode(bytes));
}

/** Reads text as {@link readText} does, a piece at a time. */
export async function* readTextPieces(context: CliContext, path: string): AsyncGenerator<string> {
  const decoder = newDecoder();
  const decode = (bytes?: Uint8Array): string =>
    requireText(path, "save it as UTF-8", () => decoder.decode(bytes, { stream: bytes !== undefined }));
  for await (const bytes of readPieces(openInput(context, path), path)) yield decode(bytes);
  yield decode();
}

/** Reads all bytes of a file, or of standard input for `-`. */
export async function readBytes(context: CliContext, path: string): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of readPieces(openInput(context, path), path)) pieces.push(piece);
  return Buffer.concat(pieces);
}

function openInput(context: CliContext, path: string): Readable {
  return path === "-" ? context.stdin : createReadStream(path);
}

/** What a path is called in messages. */
export function inputName(path: string): string {
  return path === "-" ? "standard input" : path;
}

function newDecoder(): TextDecoder {
  return new TextDecoder("utf-8", { fatal: true });
}

function requireText(path: string, hint: string, decode: () => string): string {
  try {
    return decode();
  } catch (error) {
    if (error instanceof TypeError) throw usageError(`${inputName(path)} is not UTF-8 text`, hint);
    throw error;
  }
}

async function* readPieces(input: Readable, path: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of input) yield typeof piece === "string" ? Buffer.from(piece) : (piece as Buffer);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw usageError(`cannot read ${inputName(path)}: ${systemReason(error)}`);
  }
}
