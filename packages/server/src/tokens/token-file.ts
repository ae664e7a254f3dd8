import { hash, timingSafeEqual } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { makePrivateDirectory } from "@everdict/directory";
import type { Caller } from "@everdict/engine";
import { createError } from "@everdict/protocol";
import type { Authenticator, TokenInfo } from "../authenticator.ts";
import { randomText } from "./random-text.ts";
import { withTokenLock } from "./token-lock.ts";
import { checkTokenName, decodeTokens, encodeTokens, type TokenRecord } from "./token-records.ts";
import { writeAtomically } from "./write-atomically.ts";

/**
 * Tokens in a file, `tokens.json` in the data directory.
 *
 * Only hashes of secrets are kept. A secret is 256 random bits, so one round of SHA-256 is as good as a slow
 * hash: there is nothing to guess. Changes are made under a lock and replace the file as a whole. A running
 * server sees what another process changed within a second: it looks at the file's identity at most once a
 * second, and at once when credentials are not accepted, since they may be new.
 */

const fileName = "tokens.json";
const idLength = 22;
/** 43 characters of 62 are 256 bits. */
const secretLength = 43;
const recheckMs = 1000;

/** What {@link openTokenFile} may be told. */
export interface TokenFileOptions {
  /** Milliseconds since the Unix epoch. Default: the system's. */
  readonly clock?: (() => number) | undefined;
  /** Told when a change of the file could not be read; the tokens before it stay in force. Default: nobody. */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** Told, in words, when rights of others to read the directory were taken away. Default: `process.emitWarning`. */
  readonly onTightened?: ((message: string) => void) | undefined;
}

/** A new token. The secret is nowhere else: whoever loses it makes a new token. */
export interface CreatedToken {
  readonly tokenId: string;
  readonly tokenSecret: string;
}

/** The tokens of a data directory. */
export interface TokenFile extends Authenticator {
  /** Creates a token; durable when resolved. @throws `invalid_argument` for an unusable name */
  create(options: { readonly name: string }): Promise<CreatedToken>;
  /** All tokens, oldest first. Without secrets. */
  list(): Promise<TokenInfo[]>;
  /** Makes a token invalid, here at once and for other processes within a second; false if there is none of that id. */
  revoke(tokenId: string): Promise<boolean>;
}

/**
 * Opens the tokens of a data directory, which is made if it is not there. Without a file there are no tokens.
 *
 * @throws `data_loss` for a damaged file, `conflict` for one that others own or may write to, or in a directory that they
 *   may write to
 * @example
 * const tokens = await openTokenFile("data");
 * const { tokenId, tokenSecret } = await tokens.create({ name: "ci" });
 */
export async function openTokenFile(directory: string, options: TokenFileOptions = {}): Promise<TokenFile> {
  await makePrivateDirectory(directory, options.onTightened ?? ((message) => process.emitWarning(message)));
  const file = new DirectoryTokenFile(join(directory, fileName), options);
  file.load();
  return file;
}

interface KnownToken {
  readonly caller: Caller;
  readonly info: TokenInfo;
  readonly secretSha256: Buffer;
}

class DirectoryTokenFile implements TokenFile {
  readonly #path: string;
  readonly #clock: () => number;
  readonly #onError: (error: unknown) => void;
  #records: readonly TokenRecord[] = [];
  #known: ReadonlyMap<string, KnownToken> = new Map();
  #identity: string | undefined;
  #checkedAtMs = Number.NEGATIVE_INFINITY;

  constructor(path: string, { clock = Date.now, onError = () => {} }: TokenFileOptions) {
    this.#path = path;
    this.#clock = clock;
    this.#onError = onError;
  }

  authenticate(tokenId: string, tokenSecret: string): Caller | undefined {
    const digest = Buffer.from(hash("sha256", tokenSecret, "hex"), "latin1");
    this.#refresh(recheckMs);
    const caller = this.#match(tokenId, digest);
    if (caller !== undefined) return caller;
    // It may have been created a moment ago.
    return this.#refresh(0) ? this.#match(tokenId, digest) : undefined;
  }

  isCurrent(caller: Caller): boolean {
    return this.#known.get(caller.id)?.caller === caller;
  }

  refresh(): void {
    this.#refresh(0);
  }

  describe(tokenId: string): TokenInfo | undefined {
    this.#refresh(recheckMs);
    return this.#known.get(tokenId)?.info;
  }

  async create({ name }: { readonly name: string }): Promise<CreatedToken> {
    checkTokenName(name);
    const created = { tokenId: `ak-${randomText(idLength)}`, tokenSecret: `as-${randomText(secretLength)}` };
    const { tokenId } = created;
    const secretSha256 = hash("sha256", created.tokenSecret, "hex");
    const record = { tokenId, name, secretSha256, createdAtSeconds: this.#clock() / 1000 };
    await this.#change((records) => [...records, record]);
    return created;
  }

  async list(): Promise<TokenInfo[]> {
    this.load();
    return Array.from(this.#known.values(), ({ info }) => info);
  }

  async revoke(tokenId: string): Promise<boolean> {
    let found = false;
    await this.#change((records) => {
      const left = records.filter((record) => record.tokenId !== tokenId);
      found = left.length < records.length;
      return found ? left : records;
    });
    return found;
  }

  /** Reads the file if it is another one than was read last. Answers whether it was. */
  load(): boolean {
    const identity = identityOf(this.#path);
    if (identity === this.#identity) return false;
    const records = identity === undefined ? [] : decodeTokens(readFileSync(this.#path, "utf8"), this.#path);
    const before = this.#known;
    this.#known = new Map(
      records.map((record) => [record.tokenId, known(record, before.get(record.tokenId))]),
    );
    this.#records = records;
    this.#identity = identity;
    return true;
  }

  #match(tokenId: string, digest: Buffer): Caller | undefined {
    const token = this.#known.get(tokenId);
    return token !== undefined && timingSafeEqual(token.secretSha256, digest) ? token.caller : undefined;
  }

  /** Looks for a change if the last look is so long ago. Answers whether there was one; never throws. */
  #refresh(sinceMs: number): boolean {
    const now = this.#clock();
    // A clock that was set back must not stop the looks.
    if (Math.abs(now - this.#checkedAtMs) < sinceMs) return false;
    this.#checkedAtMs = now;
    try {
      return this.load();
    } catch (caught) {
      this.#onError(caught);
      return false;
    }
  }

  async #change(edit: (records: readonly TokenRecord[]) => readonly TokenRecord[]): Promise<void> {
    await withTokenLock(dirname(this.#path), async () => {
      this.load();
      const edited = edit(this.#records);
      if (edited === this.#records) return;
      await writeAtomically(this.#path, encodeTokens(edited));
      this.load();
    });
  }
}

/** A token that did not change keeps its caller object, since the server keeps a service per object. */
function known(record: TokenRecord, before: KnownToken | undefined): KnownToken {
  const { tokenId, name, createdAtSeconds } = record;
  const secretSha256 = Buffer.from(record.secretSha256, "latin1");
  const info = { tokenId, name, createdAtSeconds };
  const caller = before?.caller.name === name ? before.caller : { id: tokenId, name };
  return { caller, info, secretSha256 };
}

/**
 * What tells one state of the file from another; undefined if there is none.
 *
 * @throws `conflict` if others own the file or may write to it, since they could let themselves in
 */
function identityOf(path: string): string | undefined {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  const uid = process.getuid?.();
  if (uid !== undefined && stats.uid !== BigInt(uid)) {
    const message = `the token file ${path} belongs to user ${stats.uid}, but this process runs as user ${uid}`;
    throw createError("conflict", message);
  }
  if (uid !== undefined && (stats.mode & 0o022n) !== 0n) {
    throw createError("conflict", `others may write to the token file ${path}; run: chmod 600 ${path}`);
  }
  return `${stats.ino} ${stats.size} ${stats.mtimeNs} ${stats.ctimeNs}`;
}
