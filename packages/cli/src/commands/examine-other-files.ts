import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { FileReport } from "@everdict/embedded/log";
import { EverdictError } from "@everdict/protocol";

/** The tokens of a data directory. */
export const tokensName = "tokens.json";
const credentialsName = "credentials";

/** What is said of a file that is not of the log. */
type Finding = Pick<FileReport, "what" | "state" | "isDamaged">;

/** Completes what is said of the files of a data directory by what only the server knows of them. */
export async function examineOtherFiles(
  directory: string,
  files: readonly FileReport[],
): Promise<readonly FileReport[]> {
  const has = (wanted: string) => files.some(({ name }) => name === wanted);
  const examined = files.map(async (file) => ({ ...file, ...(await findingOf(directory, file.name)) }));
  if (has(tokensName) || !has(credentialsName)) return Promise.all(examined);
  const missing = {
    name: tokensName,
    bytes: 0,
    what: "tokens",
    state: "missing, though a token was made: the next start makes a first token",
    isDamaged: true,
  };
  return Promise.all([...examined, missing]);
}

async function findingOf(directory: string, name: string): Promise<Finding | undefined> {
  if (name === tokensName) return examineTokens(directory);
  if (name === credentialsName) return examineCredentials(directory);
  if (name === "server.json")
    return { what: "where the server listens, or did", state: "decides nothing", isDamaged: false };
  if (name === "token-use.json")
    return { what: "when tokens were last used", state: "decides nothing", isDamaged: false };
  return undefined;
}

async function examineTokens(directory: string): Promise<Finding> {
  const what = "tokens";
  const { openTokenFile } = await import("@everdict/server");
  try {
    const { length } = await (await openTokenFile(directory, { isOnlyRead: true })).list();
    return { what, state: `readable, ${length} token${length === 1 ? "" : "s"}`, isDamaged: false };
  } catch (error) {
    if (!(error instanceof EverdictError)) throw error;
    return { what, state: error.message, isDamaged: true };
  }
}

/** The secret of the first token is in it: it may be removed. */
async function examineCredentials(directory: string): Promise<Finding> {
  const what = "credentials of the first token";
  const text = await readFile(join(directory, credentialsName), "utf8");
  const [first = "", ...lines] = text.split("\n");
  const isText = /^\[.+\]$/.test(first) && !lines.some((line) => /[\p{Cc}\uFFFD]/u.test(line));
  const hasToken =
    /^token_id = "ak-[A-Za-z0-9]+"$/m.test(text) && /^token_secret = "as-[A-Za-z0-9]+"$/m.test(text);
  if (isText && hasToken) return { what, state: "readable", isDamaged: false };
  return { what, state: "not readable: make another token with `everdict token create`", isDamaged: true };
}
