import type { PromptDictService, Role, Timers, TokenMemory } from "@everdict/protocol";

/** The caller of a session. */
export interface SessionCaller {
  readonly service: PromptDictService;
  /**
   * Asked before each batch of requests, and by `SessionHost.checkCallers`; false ends the session with
   * `unauthenticated`. Must be quick.
   */
  isValid(): boolean;
  /** What its token may do, which the client is told. Absent: the client is told nothing. */
  readonly role?: Role | undefined;
  /** What is held for its token, over all connections and transports. Default: an account of the host alone. */
  readonly memory?: TokenMemory | undefined;
}

/** The token is unknown, or no longer valid. */
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
 * Finds the caller of a token. Undefined, like a refusal without a delay, if there is none. Must be quick.
 *
 * @param peer what the session travels on, as it was given with the connection
 */
export type SessionAuthorize = (
  tokenId: string,
  tokenSecret: string,
  peer: object | undefined,
) => SessionCaller | SessionRefusal | undefined;
