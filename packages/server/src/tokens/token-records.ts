import { hash } from "node:crypto";
import { createError, type EverdictError, type Role, roles } from "@everdict/protocol";

/** A token as it is kept: of its secrets only the SHA-256, in hex. */
export interface TokenRecord {
  readonly tokenId: string;
  readonly name: string;
  readonly secretSha256: string;
  readonly createdAtSeconds: number;
  /** Absent: admin, which every token was before there were roles. */
  readonly role?: Role | undefined;
  /** Names. Absent: all environments. */
  readonly environments?: readonly string[] | undefined;
  /** Unix seconds. Absent: it has no end. */
  readonly endsAtSeconds?: number | undefined;
  readonly note?: string | undefined;
  /** The secret before the last rotation, while it is still valid. */
  readonly previousSecret?: PreviousSecret | undefined;
}

/** A secret that was replaced. */
export interface PreviousSecret {
  readonly secretSha256: string;
  /** Unix seconds. */
  readonly endsAtSeconds: number;
}

/** What is in a file, for all that is known. */
interface TokenFileContent {
  readonly version?: unknown;
  readonly tokens?: unknown;
  /** Of the tokens, as JSON without spaces: a flipped bit in a hash would look like another token. */
  readonly sha256?: unknown;
}

/** Written where a token has what the first format cannot say, so that no earlier program lets it do more. */
const formatVersion = 2;
/** The first format, which every program reads: written as long as all tokens are admins without an end. */
const firstVersion = 1;

/** The content of a token file. */
export function encodeTokens(tokens: readonly TokenRecord[]): string {
  const version = tokens.every(isUnlimited) ? firstVersion : formatVersion;
  return `${JSON.stringify({ version, tokens, sha256: checksumOf(tokens) }, undefined, 2)}\n`;
}

function isUnlimited({ role = "admin", environments, endsAtSeconds, previousSecret }: TokenRecord): boolean {
  return role === "admin" && (environments ?? endsAtSeconds ?? previousSecret) === undefined;
}

/**
 * Reads the content of a token file.
 *
 * @throws `data_loss` for anything but what {@link encodeTokens} writes, `conflict` for a later format
 */
export function decodeTokens(content: string, path: string): readonly TokenRecord[] {
  const file = parse(content, path);
  if (typeof file.version === "number" && file.version > formatVersion) {
    throw createError("conflict", `the token file ${path} was written by a later version of this program`);
  }
  const isOurs = file.version === firstVersion || file.version === formatVersion;
  if (!isOurs || !Array.isArray(file.tokens)) throw damaged(path);
  const tokens: readonly unknown[] = file.tokens;
  // Files of earlier versions have none.
  if (file.sha256 !== undefined && file.sha256 !== checksumOf(tokens)) throw damaged(path);
  if (!tokens.every(isTokenRecord)) throw damaged(path);
  if (new Set(tokens.map(({ tokenId }) => tokenId)).size !== tokens.length) throw damaged(path);
  return tokens;
}

function checksumOf(tokens: readonly unknown[]): string {
  return hash("sha256", JSON.stringify(tokens), "hex");
}

function parse(content: string, path: string): TokenFileContent {
  try {
    const parsed: unknown = JSON.parse(content);
    if (typeof parsed === "object" && parsed !== null) return parsed;
  } catch (cause) {
    throw damaged(path, cause);
  }
  throw damaged(path);
}

function isTokenRecord(value: unknown): value is TokenRecord {
  if (typeof value !== "object" || value === null) return false;
  const { tokenId, name, secretSha256, createdAtSeconds, ...rest } = value as Fields<TokenRecord>;
  if (typeof tokenId !== "string" || !/^ak-[A-Za-z0-9]+$/.test(tokenId) || !isSha256(secretSha256))
    return false;
  return typeof name === "string" && typeof createdAtSeconds === "number" && areLimits(rest);
}

/** A limit that cannot be read must not be taken for no limit. */
function areLimits({
  role,
  environments,
  endsAtSeconds,
  note,
  previousSecret,
}: Fields<TokenRecord>): boolean {
  if (role !== undefined && !roles.includes(role as Role)) return false;
  if (environments !== undefined && !isListOfTexts(environments)) return false;
  if (endsAtSeconds !== undefined && !Number.isFinite(endsAtSeconds)) return false;
  if (note !== undefined && typeof note !== "string") return false;
  return previousSecret === undefined || isPreviousSecret(previousSecret);
}

function isListOfTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}

function isPreviousSecret(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { secretSha256, endsAtSeconds } = value as Fields<PreviousSecret>;
  return isSha256(secretSha256) && Number.isFinite(endsAtSeconds);
}

function isSha256(value: unknown): boolean {
  return typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
}

type Fields<Record> = Partial<{ [Key in keyof Record]: unknown }>;

function damaged(path: string, cause?: unknown): EverdictError {
  const message =
    `the token file ${path} is damaged. Restore it from a backup, or remove it to begin anew: ` +
    "all tokens are then invalid and the next start makes a new one";
  return createError("data_loss", message, { cause });
}
