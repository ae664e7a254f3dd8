import type { Caller } from "@everdict/engine";
import type { TokenInfo } from "@everdict/protocol";
import type { HealthProblem } from "./health.ts";

/**
 * Decides who calls. Asked on every call, so both methods must be quick and must not wait.
 */
export interface Authenticator {
  /**
   * The caller of this id and secret, or undefined. It never says which of the two was wrong. If it can, it returns the
   * same object for the same token as long as nothing changed, because the server keeps one service per caller object.
   */
  authenticate(tokenId: string, tokenSecret: string): Caller | undefined;
  /**
   * Whether this caller, which `authenticate` returned, may go on. False once its token was revoked, has ended, or has
   * other rights than before. Sessions ask with every batch of requests. The server asks four times a second for every
   * session and call under way.
   */
  isCurrent(caller: Caller): boolean;
  /**
   * The problem that hides changes of tokens, or that keeps everybody out; undefined if there is none. The server's
   * health shows it.
   */
  readonly problem?: HealthProblem | undefined;
  /** Looks for changes now, without waiting for a call. Called four times a second; absent: there is nothing to look for. */
  refresh?(): void;
  /** What is known of a token, or undefined if there is none of that id. */
  describe(tokenId: string): TokenInfo | undefined;
}
