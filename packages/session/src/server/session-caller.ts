import type { PromptDictService, Timers, TokenMemory } from "@everdict/protocol";

/** Whom a session works for. */
export interface SessionCaller {
  readonly service: PromptDictService;
  /**
   * Asked before each batch of requests, and by `SessionHost.checkCallers`; false ends the session with
   * `unauthenticated`. Must be quick.
   */
  isValid(): boolean;
  /** What is held for its token, over all connections and transports. Default: an account of the host alone. */
  readonly memory?: TokenMemory | undefined;
}

/** Nobody has the token that was shown, or not any more. */
export class SessionRefusal {
  /** How long the refusal waits before it is sent, in milliseconds. */
  readonly delayMs: number;

  constructor(delayMs = 0) {
    this.delayMs = delayMs;
  }

  /** Calls `refuse` when it is time: at once if there is no delay. */
  whenDue(timers: Timers, refuse: () => void): void {
    if (this.delayMs === 0) refuse();
    else timers.set(refuse, this.delayMs, true);
  }
}

/**
 * Whom a token belongs to; undefined, as a refusal without a delay, for nobody. Must be quick.
 *
 * @param peer what the session travels on, as it was given with the connection
 */
export type SessionAuthorize = (
  tokenId: string,
  tokenSecret: string,
  peer: object | undefined,
) => SessionCaller | SessionRefusal | undefined;
