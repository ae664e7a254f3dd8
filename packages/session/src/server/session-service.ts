import type { DictService, Timers, TokenMemory } from "@everdict/protocol";

/** What a session needs of a service; every `DictService` is one, and one that answers at once is cheaper. */
export interface SessionService
  extends Omit<DictService, "get" | "contains" | "len" | "update" | "pop" | "clear"> {
  get(...request: Parameters<DictService["get"]>): Prompt<DictService["get"]>;
  contains(...request: Parameters<DictService["contains"]>): Prompt<DictService["contains"]>;
  len(...request: Parameters<DictService["len"]>): Prompt<DictService["len"]>;
  update(...request: Parameters<DictService["update"]>): Prompt<DictService["update"]>;
  pop(...request: Parameters<DictService["pop"]>): Prompt<DictService["pop"]>;
  clear(...request: Parameters<DictService["clear"]>): Prompt<DictService["clear"]>;
  /**
   * Says that these calls will not be repeated, so that nothing need be kept to answer repeats from. Ignores what it
   * does not know, and never throws.
   */
  forget?(dictId: string, method: "pop" | "put", idempotencyKeys: readonly string[]): void;
}

/** The answer of a method, now or later. What fails rejects later, or throws at once. */
type Prompt<Method extends (...request: never[]) => unknown> =
  | ReturnType<Method>
  | Awaited<ReturnType<Method>>;

/** Whom a session works for. */
export interface SessionCaller {
  readonly service: SessionService;
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
