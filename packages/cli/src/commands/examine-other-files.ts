import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { FileReport } from "@everdict/embedded/log";
import { EverdictError } from "@everdict/protocol";

/** What is said of a file that is not of the log. */
type Finding = Pick<FileReport, "what" | "state" | "isDamaged">;

/** Completes what is said of a file of a data directory by what only the server knows of it. */
export async function examineOtherFile(directory: string, file: FileReport): Promise<FileReport> {
  if (file.name === "tokens.json") return { ...file, ...(await examineTokens(directory)) };
  if (file.name === "credentials") return { ...file, ...(await examineCredentials(directory)) };
  if (file.name === "tokens.json.lock")
    return { ...file, what: "a process that changes tokens", state: "in order" };
  return file;
}

async function examineTokens(directory: string): Promise<Finding> {
  const what = "tokens";
  const { openTokenFile } = await import("@everdict/server");
  try {
    const { length } = await (await openTokenFile(directory)).list();
    return { what, state: `readable, ${length} token${length === 1 ? "" : "s"}`, isDamaged: false };
  } catch (error) {
    if (!(error instanceof EverdictError)) throw error;
    return { what, state: error.message, isDamaged: true };
  }
}

/** The secret of the first token is in it: for whoever starts the server, who may remove it. */
async function examineCredentials(directory: string): Promise<Finding> {
  const what = "credentials of the first token";
  const text = await readFile(join(directory, "credentials"), "utf8");
  const isReadable = /^token_id = "ak-[A-Za-z0-9]+"$/m.test(text) && /^token_secret = "as-/m.test(text);
  if (isReadable) return { what, state: "readable", isDamaged: false };
  return { what, state: "not readable: make another token with `everdict token create`", isDamaged: true };
}
