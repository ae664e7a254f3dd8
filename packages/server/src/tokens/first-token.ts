import { userInfo } from "node:os";
import { join } from "node:path";
import { checkTokenName } from "./new-token.ts";
import { openTokenFile } from "./token-file.ts";
import { writeAtomically } from "./write-atomically.ts";

/** What {@link firstToken} may be told. */
export interface FirstTokenOptions {
  /** The name of a new token. Default: the user who runs this process, or `admin`. */
  readonly name?: string | undefined;
  /** Written to the credentials file, which is then all that a client needs. Default: left out. */
  readonly serverUrl?: string | undefined;
}

/** What {@link firstToken} found or made. */
export interface FirstToken {
  readonly tokenId: string;
  /** Only if the token was created just now: it is kept nowhere but in the credentials file. */
  readonly tokenSecret?: string | undefined;
  readonly created: boolean;
  /** Where the first token's credentials are, unless somebody removed the file. */
  readonly credentialsPath: string;
}

/**
 * Makes sure that a data directory has a token. If there is none it creates one and writes it, readable by the
 * owner alone, to the file `credentials`, in the form of a Modal profile: `MODAL_CONFIG_PATH` may point to it.
 *
 * @returns the new token, or the oldest there is.
 * @throws what `openTokenFile` throws
 */
export async function firstToken(directory: string, options: FirstTokenOptions = {}): Promise<FirstToken> {
  const credentialsPath = join(directory, "credentials");
  const tokens = await openTokenFile(directory);
  const [oldest] = await tokens.list();
  if (oldest !== undefined) return { tokenId: oldest.tokenId, created: false, credentialsPath };
  const name = options.name ?? defaultName();
  const { tokenId, tokenSecret } = await tokens.create({ name });
  const settings = { token_id: tokenId, token_secret: tokenSecret, server_url: options.serverUrl };
  await writeAtomically(credentialsPath, profile(name, settings));
  return { tokenId, tokenSecret, created: true, credentialsPath };
}

function defaultName(): string {
  try {
    const { username } = userInfo();
    checkTokenName(username);
    return username;
  } catch {
    // No entry for this user, as in some containers, or a name that cannot be used.
    return "admin";
  }
}

/** A profile as Modal's clients read it. JSON strings are TOML strings. */
function profile(name: string, settings: Readonly<Record<string, string | undefined>>): string {
  const key = /^[A-Za-z0-9_-]+$/.test(name) ? name : JSON.stringify(name);
  const lines = Object.entries(settings).filter(([, value]) => value !== undefined);
  return [
    `[${key}]`,
    ...lines.map(([setting, value]) => `${setting} = ${JSON.stringify(value)}`),
    "active = true",
    "",
  ].join("\n");
}
