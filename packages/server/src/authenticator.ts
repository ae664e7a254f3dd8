import type { Caller } from "@everdict/engine";

/** What may be told about a token. Never its secret. */
export interface TokenInfo {
  /** `ak-` and letters and digits. */
  readonly tokenId: string;
  /** Who it belongs to; signs what is created with it. */
  readonly name: string;
  /** Unix seconds. */
  readonly createdAtSeconds: number;
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
  /** What is known of a token, or undefined if there is none of that id. */
  describe(tokenId: string): TokenInfo | undefined;
}
