import type { Caller } from "@everdict/engine";
import type { Role } from "@everdict/protocol";

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

/**
 * Decides who calls. Asked on every call, so both methods must be quick and must not wait.
 */
export interface Authenticator {
  /**
   * The caller that this id and secret belong to, or undefined; it never says which of the two was wrong.
   * Answers the same object for the same token as long as nothing changed, if it can: the server keeps one
   * service per caller object.
   */
  authenticate(tokenId: string, tokenSecret: string): Caller | undefined;
  /**
   * Whether this caller, which `authenticate` answered, may go on: false from when its token was revoked, has ended,
   * or lets it do something else than before. Sessions ask with every batch of requests, and twice a second the
   * server asks for every session and call under way.
   */
  isCurrent(caller: Caller): boolean;
  /**
   * What keeps changes of tokens from being noticed, in words that anybody may read; undefined if nothing does. For
   * pages about the server's health.
   */
  readonly problem?: string | undefined;
  /** Looks for changes now, without waiting for a call. Called twice a second; absent: there is nothing to look for. */
  refresh?(): void;
  /** What is known of a token, or undefined if there is none of that id. */
  describe(tokenId: string): TokenInfo | undefined;
}
