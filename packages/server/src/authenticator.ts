import type { Caller } from "@everdict/engine";
import type { TokenInfo } from "@everdict/protocol";
import type { HealthProblem } from "./health.ts";

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
   * or lets it do something else than before. Sessions ask with every batch of requests, and four times a second the
   * server asks for every session and call under way.
   */
  isCurrent(caller: Caller): boolean;
  /**
   * What keeps changes of tokens from being noticed, or everybody from being let in; undefined if nothing does. The
   * server's health shows it.
   */
  readonly problem?: HealthProblem | undefined;
  /** Looks for changes now, without waiting for a call. Called four times a second; absent: there is nothing to look for. */
  refresh?(): void;
  /** What is known of a token, or undefined if there is none of that id. */
  describe(tokenId: string): TokenInfo | undefined;
}
