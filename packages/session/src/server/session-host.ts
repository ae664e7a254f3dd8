import { type EverdictError, InFlight, MemoryAccount, systemTimers, type Timers } from "@everdict/protocol";
import type { Carrier } from "../carriers/carrier.ts";
import { type SpinPlatform, spinPlatform } from "../time/bounded-spin.ts";
import { type AtEndOfTurn, atEndOfTurn } from "../time/turns.ts";
import { FetchTurns } from "./fetch-turns.ts";
import { RequestSpin } from "./request-spin.ts";
import { ServerConnection } from "./server-connection.ts";
import { type ResolvedSessionLimits, resolveSessionLimits, type SessionLimits } from "./server-limits.ts";
import type { SessionAuthorize, SessionCaller } from "./session-caller.ts";

/** What {@link SessionHost} takes. */
export interface SessionHostOptions {
  /** Whom a token belongs to. Must be quick. */
  readonly authorize: SessionAuthorize;
  /** What one session may use. */
  readonly limits?: SessionLimits | undefined;
  /** What the server calls itself. Default: `everdict`. */
  readonly agent?: string | undefined;
  /**
   * Whether sessions may ask that the event loop stays awake for up to 0.25 ms after their requests, as long as
   * nothing waits for the store. Default: false.
   */
  readonly lowLatency?: boolean | undefined;
  /** How to stay awake. Default: by the platform's means, not at all on a single core. */
  readonly spinPlatform?: SpinPlatform | undefined;
  /** Told when a session ended for another reason than that its client ended it. Never receives keys or values. */
  readonly onSessionError?: ((error: EverdictError) => void) | undefined;
  /** Told of defects: what a service throws that is no error of the table. */
  readonly onDefect?: ((caught: unknown) => void) | undefined;
  /** How to wait. Default: the platform's timers. */
  readonly timers?: Timers | undefined;
  /** When batches go. Default: the platform's best. */
  readonly atEndOfTurn?: AtEndOfTurn | undefined;
}

/**
 * Serves sessions over whatever connections it is given.
 *
 * @example
 * const host = new SessionHost({ authorize: (id, secret) => callers.find(id, secret) });
 * host.accept(carrier);
 * await host.close(10_000);
 */
export class SessionHost {
  readonly #options: SessionHostOptions;
  readonly #limits: ResolvedSessionLimits;
  readonly #timers: Timers;
  readonly #spin: RequestSpin | undefined;
  readonly #sessions = new Map<ServerConnection, Carrier>();
  readonly #memory = new MemoryAccount().token("");
  readonly #fetchTurns: FetchTurns;
  #stallTimer: unknown;
  #isClosing = false;
  readonly #inFlight = new InFlight();

  /** @throws `invalid_argument` for a limit out of range */
  constructor(options: SessionHostOptions) {
    this.#options = options;
    this.#limits = resolveSessionLimits(options.limits);
    this.#timers = options.timers ?? systemTimers;
    const platform = options.lowLatency ? (options.spinPlatform ?? spinPlatform()) : undefined;
    this.#spin = platform && new RequestSpin(platform);
    this.#fetchTurns = new FetchTurns(options.atEndOfTurn ?? atEndOfTurn);
  }

  /** How many sessions there are, those included that have not said HELLO. */
  get sessionCount(): number {
    return this.#sessions.size;
  }

  /**
   * Something else in this process waits for the store, until {@link workEnded} is called: meanwhile no session
   * keeps the event loop awake.
   */
  workBegan(): void {
    this.#spin?.pendingAdded();
  }

  /** It has its answer. */
  workEnded(): void {
    this.#spin?.pendingRemoved(false);
  }

  /**
   * Serves a connection from now on. The carrier must not have been started.
   *
   * @param caller whom the connection was authenticated for already; a token in the HELLO takes precedence.
   * @param peer what `authorize` is told of where a token in the HELLO comes from.
   */
  accept(carrier: Carrier, caller?: SessionCaller | undefined, peer?: object | undefined): void {
    if (this.#isClosing) {
      carrier.destroy();
      return;
    }
    const { authorize, agent = "everdict", onDefect = ignore } = this.#options;
    const connection = new ServerConnection({
      carrier,
      timers: this.#timers,
      atEndOfTurn: this.#options.atEndOfTurn ?? atEndOfTurn,
      limits: this.#limits,
      agent,
      caller,
      authorize: (tokenId, tokenSecret) => authorize(tokenId, tokenSecret, peer),
      memory: this.#memory,
      fetchTurns: this.#fetchTurns,
      spin: this.#spin,
      onDefect,
      onEnd: (ended, error) => this.#onEnd(ended, error),
    });
    this.#sessions.set(connection, carrier);
    this.#inFlight.begin();
    if (this.#sessions.size === 1) this.#scheduleLook();
  }

  /** Ends the sessions whose callers may not go on, idle ones too. To be called when that may have changed. */
  checkCallers(): void {
    for (const session of this.#sessions.keys()) session.checkCaller();
  }

  /**
   * Takes no new sessions, tells the others to go, lets them finish what they have, and after `graceMs` ends the
   * rest. Resolves when there are none. Safe to repeat.
   */
  async close(graceMs: number): Promise<void> {
    this.#isClosing = true;
    for (const session of this.#sessions.keys()) session.goodbye();
    if (this.#sessions.size === 0) return;
    const timer = this.#timers.set(() => this.#endAll(), graceMs, false);
    await this.#inFlight.idle();
    this.#timers.clear(timer);
  }

  /** One clock for all sessions: most are idle. */
  #scheduleLook(): void {
    this.#timers.clear(this.#stallTimer);
    this.#stallTimer = this.#timers.set(
      () => {
        for (const session of [...this.#sessions.keys()]) session.checkProgress();
        if (this.#sessions.size > 0) this.#scheduleLook();
      },
      this.#limits.clientStallMs,
      true,
    );
  }

  #endAll(): void {
    // Their carriers report the end, one by one.
    for (const carrier of this.#sessions.values()) carrier.destroy();
  }

  #onEnd(session: ServerConnection, error: EverdictError | undefined): void {
    this.#sessions.delete(session);
    this.#inFlight.end();
    if (error !== undefined) this.#options.onSessionError?.(error);
    if (this.#sessions.size > 0) return;
    this.#timers.clear(this.#stallTimer);
  }
}

function ignore(): void {}
