import { hash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { makePrivateDirectory } from "@everdict/directory";
import type { Caller } from "@everdict/engine";
import {
  type CreatedToken,
  createError,
  type NewToken,
  previousSecretLifeMs,
  type TokenAdmin,
  type TokenInfo,
} from "@everdict/protocol";
import type { Authenticator } from "../authenticator.ts";
import type { HealthProblem } from "../health.ts";
import { KnownTokens } from "./known-tokens.ts";
import { checkNewToken } from "./new-token.ts";
import { randomText } from "./random-text.ts";
import { withTokenLock } from "./token-lock.ts";
import { decodeTokens, encodeTokens, type TokenRecord } from "./token-records.ts";
import { TokenUse } from "./token-use.ts";
import { writeAtomically } from "./write-atomically.ts";

/**
 * Tokens in a file, `tokens.json` in the data directory.
 *
 * Only hashes of secrets are kept. A secret is 256 random bits, so one round of SHA-256 is as good as a slow
 * hash: there is nothing to guess. Changes are made under a lock and replace the file as a whole. A running
 * server sees what another process changed within a second: it looks at the file's identity four times a second, and at
 * once when credentials are not accepted, since they may be new.
 *
 * If the file cannot be read, nothing is known of its writer's intention. The tokens that were read before stay valid
 * until their own ends. A file that was removed holds no tokens, so nobody is let in. Both are reported, once per
 * change.
 */

const fileName = "tokens.json";
const useFileName = "token-use.json";
const idLength = 22;
/** 43 characters of 62 are 256 bits. */
const secretLength = 43;
const recheckMs = 1000;
const unreadable: HealthProblem = {
  state: "degraded",
  reason: "the token file cannot be read: changes of tokens have no effect",
};
const noFile: HealthProblem = {
  state: "failed",
  reason: "the token file was removed: no token is valid",
};
const yearMs = 365 * 24 * 60 * 60 * 1000;

/** What {@link openTokenFile} may be told. */
export interface TokenFileOptions {
  /** Milliseconds since the Unix epoch. Default: the system's. */
  readonly clock?: (() => number) | undefined;
  /**
   * Called once when the file can no longer be read, while the tokens read before stay valid, and when it was removed.
   * Default: nobody is told.
   */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** Told when the file can be read again. Default: nobody. */
  readonly onRecovery?: (() => void) | undefined;
  /**
   * Called with a message when rights of others to read the directory were taken away. Default: `process.emitWarning`.
   */
  readonly onTightened?: ((message: string) => void) | undefined;
  /** Whether the directory is left as it is: it is not made, and nobody loses rights. Default: false. */
  readonly isOnlyRead?: boolean | undefined;
}

/** The tokens of a data directory. */
export interface TokenFile extends Authenticator, TokenAdmin {
  /** Writes down when tokens were last used. To be called before the process ends. Never rejects. */
  saveUse(): Promise<void>;
}

/**
 * Opens the tokens of a data directory, and makes the directory if it does not exist. Without a file there are no
 * tokens.
 *
 * @throws `data_loss` for a damaged file, `conflict` for one that others own or may write to, or in a directory that they
 *   may write to
 * @example
 * const tokens = await openTokenFile("data");
 * const { tokenId, tokenSecret } = await tokens.create({ name: "ci", role: "read-only" });
 */
export async function openTokenFile(directory: string, options: TokenFileOptions = {}): Promise<TokenFile> {
  const { isOnlyRead = false, onTightened = (message: string) => process.emitWarning(message) } = options;
  if (!isOnlyRead) await makePrivateDirectory(directory, onTightened);
  const file = new DirectoryTokenFile(directory, options);
  file.open();
  return file;
}

class DirectoryTokenFile implements TokenFile {
  readonly #path: string;
  readonly #clock: () => number;
  readonly #onError: (error: unknown) => void;
  readonly #onRecovery: () => void;
  readonly #use: TokenUse;
  #records: readonly TokenRecord[] = [];
  #known = new KnownTokens([]);
  /** Of the file that was read last. */
  #identity: string | undefined;
  /** Of one that is no token file: it is not read again until it changes. */
  #damage: { readonly identity: string | undefined; readonly error: unknown } | undefined;
  #problem: HealthProblem | undefined;
  #reported: string | undefined;
  #checkedAtMs = Number.NEGATIVE_INFINITY;

  constructor(directory: string, options: TokenFileOptions) {
    const { clock = Date.now, onError = ignore, onRecovery = ignore } = options;
    this.#path = join(directory, fileName);
    this.#clock = clock;
    this.#onError = onError;
    this.#onRecovery = onRecovery;
    this.#use = new TokenUse(
      join(directory, useFileName),
      (tokenId) => this.#known.info(tokenId) !== undefined,
    );
  }

  get problem(): HealthProblem | undefined {
    return this.#problem;
  }

  authenticate(tokenId: string, tokenSecret: string): Caller | undefined {
    const digest = Buffer.from(hash("sha256", tokenSecret, "hex"), "latin1");
    const nowMs = this.#clock();
    this.#refresh(recheckMs);
    let caller = this.#known.match(tokenId, digest, nowMs);
    // It may have been created a moment ago.
    if (caller === undefined && this.#refresh(0)) caller = this.#known.match(tokenId, digest, nowMs);
    if (caller !== undefined) this.#use.note(tokenId, nowMs);
    return caller;
  }

  isCurrent(caller: Caller): boolean {
    const nowMs = this.#clock();
    if (!this.#known.isCurrent(caller, nowMs)) return false;
    this.#use.note(caller.id, nowMs);
    return true;
  }

  refresh(): void {
    this.#refresh(0);
    void this.#use.saveIfDue(this.#clock());
  }

  describe(tokenId: string): TokenInfo | undefined {
    this.#refresh(recheckMs);
    return this.#known.info(tokenId);
  }

  async create(token: NewToken): Promise<CreatedToken> {
    const createdAtSeconds = this.#clock() / 1000;
    checkNewToken(token, createdAtSeconds);
    const { name, role, environments, endsAtSeconds, note } = token;
    const created = { tokenId: `ak-${randomText(idLength)}`, tokenSecret: newSecret() };
    const { tokenId } = created;
    const secretSha256 = hash("sha256", created.tokenSecret, "hex");
    const limits = {
      role: role === "admin" ? undefined : role,
      environments: environments && [...new Set(environments)],
      endsAtSeconds,
      note,
    };
    const record = { tokenId, name, secretSha256, createdAtSeconds, ...limits };
    await this.#change((records) => [...records, record]);
    return created;
  }

  async list(): Promise<TokenInfo[]> {
    this.#load();
    const usedAtSeconds = this.#use.read();
    return this.#known
      .infos()
      .map((info) => ({ ...info, lastUsedAtSeconds: usedAtSeconds.get(info.tokenId) }));
  }

  async rotate(tokenId: string, oldSecretLifeMs = previousSecretLifeMs): Promise<CreatedToken | undefined> {
    if (!(oldSecretLifeMs >= 0 && oldSecretLifeMs <= yearMs)) {
      const message = `the old secret is to live for ${oldSecretLifeMs} ms, it must be from 0 to ${yearMs}`;
      throw createError("invalid_argument", message);
    }
    const tokenSecret = newSecret();
    const endsAtSeconds = (this.#clock() + oldSecretLifeMs) / 1000;
    let found = false;
    await this.#change((records) =>
      records.map((record) => {
        if (record.tokenId !== tokenId) return record;
        found = true;
        const { secretSha256 } = record;
        const previousSecret = oldSecretLifeMs === 0 ? undefined : { secretSha256, endsAtSeconds };
        return { ...record, secretSha256: hash("sha256", tokenSecret, "hex"), previousSecret };
      }),
    );
    return found ? { tokenId, tokenSecret } : undefined;
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

  saveUse(): Promise<void> {
    return this.#use.save(this.#clock());
  }

  /** The first look: what is wrong then is the caller's to report. */
  open(): void {
    this.#read();
  }

  /**
   * Reads the file if it is another one than was read last. Returns whether it was.
   *
   * @throws what keeps it from being read; what is known then stays as it is
   */
  #load(): boolean {
    const wasThere = this.#identity !== undefined;
    try {
      const isChanged = this.#read();
      if (this.#identity !== undefined) this.#recover();
      else if (wasThere) this.#report(removed(this.#path), noFile);
      return isChanged;
    } catch (caught) {
      this.#report(caught, unreadable);
      throw caught;
    }
  }

  #read(): boolean {
    const identity = identityOf(this.#path);
    if (this.#damage !== undefined && identity === this.#damage.identity) throw this.#damage.error;
    if (identity === this.#identity && this.#damage === undefined) return false;
    const content = identity === undefined ? undefined : readFileSync(this.#path, "utf8");
    try {
      this.#records = content === undefined ? [] : decodeTokens(content, this.#path);
    } catch (error) {
      this.#damage = { identity, error };
      throw error;
    }
    this.#damage = undefined;
    this.#known = new KnownTokens(this.#records, this.#known);
    this.#identity = identity;
    return true;
  }

  /** Once for each change, however often it is looked at. */
  #report(error: unknown, problem: HealthProblem): void {
    const what = `${this.#damage?.identity} ${error instanceof Error ? error.message : String(error)}`;
    if (what === this.#reported) return;
    this.#reported = what;
    this.#problem = problem;
    this.#onError(error);
  }

  #recover(): void {
    if (this.#problem === undefined) return;
    this.#reported = undefined;
    this.#problem = undefined;
    this.#onRecovery();
  }

  /** Looks for a change if the last look is so long ago. Returns whether there was one; never throws. */
  #refresh(sinceMs: number): boolean {
    const now = this.#clock();
    // A clock that was set back must not stop the looks.
    if (Math.abs(now - this.#checkedAtMs) < sinceMs) return false;
    this.#checkedAtMs = now;
    try {
      return this.#load();
    } catch {
      // It was reported.
      return false;
    }
  }

  async #change(edit: (records: readonly TokenRecord[]) => readonly TokenRecord[]): Promise<void> {
    await withTokenLock(dirname(this.#path), async () => {
      this.#load();
      const edited = edit(this.#records);
      if (edited === this.#records) return;
      await writeAtomically(this.#path, encodeTokens(edited));
      this.#load();
    });
  }
}

/**
 * A text that differs for each state of the file; undefined if there is no file.
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

function removed(path: string): Error {
  const message = `the token file ${path} was removed while the server runs: no token is valid any more`;
  return createError("data_loss", message);
}

function newSecret(): string {
  return `as-${randomText(secretLength)}`;
}

function ignore(): void {}
