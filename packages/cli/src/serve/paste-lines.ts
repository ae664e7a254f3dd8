import { readFile } from "node:fs/promises";
import type { FirstToken, TokenFile } from "@everdict/server";

/** How to get the credentials that clients use. */
export type ServerCredentials =
  /** Made just now: the secret is shown only this time. */
  | {
      readonly kind: "new";
      readonly tokenId: string;
      readonly tokenSecret: string;
      readonly path?: string | undefined;
    }
  /** Made at the first start: the secret is read from its file when it is needed. */
  | { readonly kind: "file"; readonly tokenId: string; readonly path: string }
  /** The file is gone, or its token was revoked. */
  | { readonly kind: "none" };

/** Finds out which credentials can be offered. */
export async function findCredentials(first: FirstToken, tokens: TokenFile): Promise<ServerCredentials> {
  const { tokenId, tokenSecret, credentialsPath: path } = first;
  if (tokenSecret !== undefined) return { kind: "new", tokenId, tokenSecret, path };
  const inFile = await tokenIdInFile(path);
  return inFile !== undefined && tokens.describe(inFile) !== undefined
    ? { kind: "file", tokenId: inFile, path }
    : { kind: "none" };
}

async function tokenIdInFile(path: string): Promise<string | undefined> {
  try {
    return /^token_id = "(ak-[A-Za-z0-9]+)"$/m.exec(await readFile(path, "utf8"))?.[1];
  } catch {
    // The user removed it, which is allowed. Then there is nothing to offer.
    return undefined;
  }
}

/**
 * The lines that connect a client, each a shell assignment. Where the secret is not shown again, its line reads it
 * from the credentials file when it is pasted.
 */
export function pasteLines(url: string, credentials: ServerCredentials): string[] {
  return [`MODAL_SERVER_URL=${url}`, ...tokenLines(credentials), `EVERDICT_URL=${url}`];
}

function tokenLines(credentials: ServerCredentials): string[] {
  switch (credentials.kind) {
    case "new":
      return [`MODAL_TOKEN_ID=${credentials.tokenId}`, `MODAL_TOKEN_SECRET=${credentials.tokenSecret}`];
    case "file": {
      const readSecret = `sed -n 's/^token_secret = "\\(.*\\)"$/\\1/p' ${shellQuote(credentials.path)}`;
      return [`MODAL_TOKEN_ID=${credentials.tokenId}`, `MODAL_TOKEN_SECRET="$(${readSecret})"`];
    }
    case "none":
      return [];
  }
}

/** A text as one word of a POSIX shell. */
export function shellQuote(text: string): string {
  return /^[A-Za-z0-9_./:@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
