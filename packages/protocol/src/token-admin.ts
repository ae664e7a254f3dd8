import type { Role } from "./permissions.ts";

/** What may be told about a token. Never its secret. */
export interface TokenInfo {
  /** `ak-` and letters and digits. */
  readonly tokenId: string;
  /** Who it belongs to; signs what is created with it. */
  readonly name: string;
  /** Unix seconds. */
  readonly createdAtSeconds: number;
  /** What it may do. Absent: everything. */
  readonly role?: Role | undefined;
  /** The only environments that exist for it. Absent: all do. */
  readonly environments?: readonly string[] | undefined;
  /** When it ends or has ended, in Unix seconds. Absent: never. */
  readonly endsAtSeconds?: number | undefined;
  /** What it is for. */
  readonly note?: string | undefined;
  /** When the secret ends that it had before it was rotated, in Unix seconds. Absent: there is none. */
  readonly previousSecretEndsAtSeconds?: number | undefined;
  /** Unix seconds, to about a minute. An open session counts as use. Absent: not known to have been used. */
  readonly lastUsedAtSeconds?: number | undefined;
}

/** What a new token is to be. */
export interface NewToken {
  /** Who it belongs to; signs what is created with it. */
  readonly name: string;
  /** What it may do. Default: everything. */
  readonly role?: Role | undefined;
  /** The names of the only environments that exist for it; not with the role `admin`. Default: all. */
  readonly environments?: readonly string[] | undefined;
  /** When it ends, in Unix seconds. Default: never. */
  readonly endsAtSeconds?: number | undefined;
  /** What it is for, in words. Default: none. */
  readonly note?: string | undefined;
}

/** A new token, or a new secret of one. The secret is nowhere else: if it is lost, make a new one. */
export interface CreatedToken {
  readonly tokenId: string;
  readonly tokenSecret: string;
}

/** How long the secret before stays valid after a rotation unless it is said, in milliseconds: a day. */
export const previousSecretLifeMs = 24 * 60 * 60 * 1000;

/**
 * What manages tokens: those of a data directory, or of a server for callers with the role `admin`, where each method
 * may also throw `unauthenticated`, `permission_denied`, and `unavailable` after which its outcome is not known.
 */
export interface TokenAdmin {
  /**
   * Creates a token; durable when resolved. Not safe to repeat: it would make another one.
   *
   * @throws `invalid_argument` or `invalid_name` for what a token cannot be, see {@link NewToken}
   */
  create(token: NewToken): Promise<CreatedToken>;
  /** All tokens, oldest first, those included that have ended. Without secrets. */
  list(): Promise<TokenInfo[]>;
  /**
   * Gives a token a new secret; durable when resolved. The secret before stays valid for a while, so that nobody is
   * shut out until the new one is everywhere; one before that ends at once. Not safe to repeat: it would end the
   * secret that is in use.
   *
   * @param oldSecretLifeMs how long, in milliseconds. 0: not at all. Default: {@link previousSecretLifeMs}.
   * @returns undefined if there is no token of that id.
   * @throws `invalid_argument` for a life that is negative or over a year
   */
  rotate(tokenId: string, oldSecretLifeMs?: number): Promise<CreatedToken | undefined>;
  /** Makes a token invalid within a second; false if there is none of that id. Safe to repeat. */
  revoke(tokenId: string): Promise<boolean>;
}
