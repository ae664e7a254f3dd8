import { createError, type EverdictError } from "@everdict/protocol";

/** A token as it is kept: of its secret only the SHA-256, in hex. */
export interface TokenRecord {
  readonly tokenId: string;
  readonly name: string;
  readonly secretSha256: string;
  readonly createdAtSeconds: number;
}

const formatVersion = 1;

/** The longest name of a token, in characters. */
export const tokenNameMaxLength = 64;

/** The content of a token file. */
export function encodeTokens(tokens: readonly TokenRecord[]): string {
  return `${JSON.stringify({ version: formatVersion, tokens }, undefined, 2)}\n`;
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
  if (file.version !== formatVersion || !Array.isArray(file.tokens)) throw damaged(path);
  const tokens: readonly unknown[] = file.tokens;
  if (!tokens.every(isTokenRecord)) throw damaged(path);
  if (new Set(tokens.map(({ tokenId }) => tokenId)).size !== tokens.length) throw damaged(path);
  return tokens;
}

/** @throws `invalid_argument` for a name that is empty, too long, or holds anything that does not print */
export function checkTokenName(name: string): void {
  if (name.length <= tokenNameMaxLength && /^[\p{L}\p{N}\p{P}\p{S} ]+$/u.test(name) && name.trim() === name)
    return;
  const rule = `1 to ${tokenNameMaxLength} printable characters without spaces at the ends`;
  throw createError("invalid_argument", `a token's name must have ${rule}`);
}

function parse(content: string, path: string): { readonly version?: unknown; readonly tokens?: unknown } {
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
  const { tokenId, name, secretSha256, createdAtSeconds } = value as Partial<
    Record<keyof TokenRecord, unknown>
  >;
  if (typeof tokenId !== "string" || !/^ak-[A-Za-z0-9]+$/.test(tokenId)) return false;
  if (typeof secretSha256 !== "string" || !/^[0-9a-f]{64}$/.test(secretSha256)) return false;
  return typeof name === "string" && typeof createdAtSeconds === "number";
}

function damaged(path: string, cause?: unknown): EverdictError {
  const message =
    `the token file ${path} is damaged. Restore it from a backup, or remove it to begin anew: ` +
    "all tokens are then invalid and the next start makes a new one";
  return createError("data_loss", message, { cause });
}
