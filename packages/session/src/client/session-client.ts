import { createError, type EverdictError, errorFrom, type Role } from "@everdict/protocol";
import type { Carrier } from "../carriers/carrier.ts";
import { ClientLink } from "./client-link.ts";
import {
  type ConnectionOptions,
  linkOptions,
  type ResolvedConnectionOptions,
  resolveConnectionOptions,
} from "./connection-options.ts";
import { closedError, Dispatcher } from "./dispatcher.ts";
import type { Operation } from "./operation.ts";
import { isRepeatable, verdictOn } from "./repeats.ts";
import { SessionCalls } from "./session-calls.ts";

/** A connection that is lost sooner counts as a failed attempt, so that a server that keeps falling has its pauses. */
const stableAfterMs = 1000;
/** As long as a server that stops waits for its calls. */
const closeTimeoutMs = 10_000;
/** How many attempts tell that nobody is there, if there is no time to wait. */
const fewAttempts = 4;

/** One attempt to connect. */
export interface ConnectAttempt {
  /** Aborted when the attempt has taken too long; a connection that still comes of it is ended. */
  readonly signal: AbortSignal;
  /** How many attempts have failed since a connection last proved stable: with several servers, whose turn it is. */
  readonly failures: number;
}

/** What {@link SessionClient} takes. */
export interface SessionClientOptions extends ConnectionOptions {
  /**
   * Opens a connection to the server. Rejects with an error of the table: one that cannot pass by itself (its retry
   * rule is `never`) ends the calls that wait; any other is tried again.
   */
  readonly connect: (attempt: ConnectAttempt) => Promise<Carrier>;
  /** How long `connect` may take, in milliseconds. Default: `openTimeoutMs`. */
  readonly connectTimeoutMs?: number | undefined;
  /** The pause before the second attempt to connect, in milliseconds; doubles from attempt to attempt. Default: 25. */
  readonly reconnectMinDelayMs?: number | undefined;
  /** The longest pause between attempts, in milliseconds. Default: 1,000. */
  readonly reconnectMaxDelayMs?: number | undefined;
  /**
   * How long a server that was never reached is tried before the calls that wait are told, in milliseconds; one that was
   * reached before is awaited until each call's own time is over. 0: for a few attempts, or the time of one that is not
   * answered. Default: 0.
   */
  readonly waitForServerMs?: number | undefined;
  /**
   * How long a call may wait, all in all, for pauses that the server asks for, in milliseconds; 0: not at all.
   * Default: until the call's time is over.
   */
  readonly maxThrottleWaitMs?: number | undefined;
  /** Puts why connecting failed into words. Default: as it is said. */
  readonly explain?: ((error: EverdictError) => EverdictError) | undefined;
  /** Numbers from 0 up to but not including 1, for jitter. Default: `Math.random`. */
  readonly random?: (() => number) | undefined;
  /** Told when connecting has failed or a connection was lost. Default: nobody. */
  readonly onDisconnect?: ((error: EverdictError) => void) | undefined;
}

/**
 * A `DictService` over sessions that outlives its connections. All calls share one connection, which is opened when it
 * is first needed, and again when it was lost.
 *
 * Calls that were under way when a connection was lost are sent again on the next one until their time is over. `pop`,
 * conditional put and creation go under the idempotency key of their first attempt. So a restart of the server shows
 * only as a delay. A call that cannot be repeated safely ends with `unavailable`: a stream of which a part was
 * delivered, a change of an environment, and a call that needs its key when the server has been away for so long (15 s)
 * that it may have forgotten the key. A server that stops in order announces it. New calls then wait for the next
 * connection while the server finishes the others. Attempts to connect back off, with jitter, and are made only while
 * calls wait.
 *
 * The bytes of a call must not change until it settles. The bytes of an answer may share memory with others that
 * arrived together, so copy what you keep for long. Idle connections keep no process alive.
 *
 * @example
 * const client = new SessionClient({ connect: () => connectSession({ url }), tokenId, tokenSecret });
 * const value = await client.get(dictId, key);
 * await client.close();
 */
export class SessionClient extends SessionCalls {
  protected override readonly dispatcher: Dispatcher;
  readonly #options: SessionClientOptions;
  readonly #link: ResolvedConnectionOptions;
  /** All that are not over: the one in use, and those of stopping servers. */
  readonly #links = new Set<ClientLink>();
  #state: "idle" | "connecting" | "connected" | "closed" = "idle";
  #retryTimer: unknown;
  /** The attempt under way, or the last one. */
  #connecting: AbortController | undefined;
  /** Attempts that failed since a connection last proved stable. */
  #failures = 0;
  #connectedAtMs = 0;
  #wasConnected = false;
  #knowsAllCalls = true;
  #role: Role | undefined;
  /** Since when a server that was never reached is tried, for calls that wait; undefined: nobody does. */
  #triedSinceMs: number | undefined;
  #lastError: EverdictError | undefined;
  #closing: Promise<void> | undefined;
  /** Those that wait for a connection without a call. */
  #opening: Opening | undefined;

  /** Connects only when it is first used. @throws `invalid_argument` for a number out of range */
  constructor(options: SessionClientOptions) {
    super();
    this.#options = options;
    this.#link = resolveConnectionOptions(options);
    this.dispatcher = new Dispatcher({
      timers: this.#link.timers,
      defaultTimeoutMs: this.#link.timeoutMs,
      numbersKeys: true,
      onLinkNeeded: () => this.#connectIfNeeded(),
      unreachable: () => this.#unreachable(),
    });
  }

  /**
   * Connects now instead of at the first call.
   *
   * @throws the server's refusal; `unimplemented` if it serves no sessions; `unavailable` if it cannot be reached,
   *   or the client was closed meanwhile
   */
  ready(): Promise<void> {
    if (this.#closing !== undefined) return Promise.reject(closedError());
    if (this.#state === "connected") return Promise.resolve();
    this.#opening ??= newOpening();
    this.#connectIfNeeded();
    return this.#opening.promise;
  }

  /**
   * Refuses new calls, ends streams with `unavailable`, waits until the calls under way have settled, and ends the
   * connection. A call that has not settled in that time ends with `unavailable`. Safe to repeat.
   *
   * @param timeoutMs how long to wait, in milliseconds. Default: 10,000.
   */
  close(timeoutMs = closeTimeoutMs): Promise<void> {
    this.#closing ??= this.#close(timeoutMs);
    return this.#closing;
  }

  async #close(timeoutMs: number): Promise<void> {
    this.#opening?.reject(closedError());
    this.#opening = undefined;
    this.dispatcher.endStreams(closedError());
    const areSettled = await this.dispatcher.close(closedError(), timeoutMs);
    this.#state = "closed";
    this.#link.timers.clear(this.#retryTimer);
    this.#connecting?.abort();
    for (const link of [...this.#links]) {
      if (areSettled) link.drain();
      else link.close(closedError());
    }
  }

  /**
   * Whether the server knows all methods of `DictService`, as it said when it was connected to. What an older one does not
   * know ends with `unimplemented`, before anything is sent. True while there is no connection: the next server may be newer.
   */
  get knowsAllCalls(): boolean {
    return this.#state !== "connected" || this.#knowsAllCalls;
  }

  /** What the token may do, as the server said when it was last connected to; undefined: it said nothing. */
  get role(): Role | undefined {
    return this.#role;
  }

  // ---- Connecting ----

  #connectIfNeeded(): void {
    if (this.#state !== "idle" || this.#retryTimer !== undefined) return;
    this.#state = "connecting";
    this.#triedSinceMs ??= this.#link.timers.now();
    void this.#connect();
  }

  async #connect(): Promise<void> {
    try {
      const carrier = await this.#carrier();
      if (this.#state === "closed") carrier.destroy();
      else this.#openLink(carrier);
    } catch (caught) {
      this.#onConnectFailed(errorFrom(caught));
    }
  }

  /** A carrier in time; one that comes too late is ended. */
  #carrier(): Promise<Carrier> {
    const { timers } = this.#link;
    const timeoutMs = this.#attemptMs();
    return new Promise((resolve, reject) => {
      const late = new AbortController();
      this.#connecting = late;
      const timer = timers.set(
        () => {
          reject(createError("unavailable", `no connection within ${timeoutMs} ms`));
          late.abort();
        },
        timeoutMs,
        false,
      );
      this.#options.connect({ signal: late.signal, failures: this.#failures }).then(
        (carrier) => {
          timers.clear(timer);
          if (late.signal.aborted) carrier.destroy();
          else resolve(carrier);
        },
        (error: unknown) => {
          timers.clear(timer);
          reject(error);
        },
      );
    });
  }

  /** How long one attempt may take: no longer than calls are willing to wait. */
  #attemptMs(): number {
    const { connectTimeoutMs = this.#link.openTimeoutMs, waitForServerMs = 0 } = this.#options;
    if (this.#wasConnected || waitForServerMs === 0) return connectTimeoutMs;
    return Math.max(1, Math.min(connectTimeoutMs, Math.round(waitForServerMs - this.#triedMs())));
  }

  /** How long a server that was never reached is tried, in milliseconds. */
  #triedMs(): number {
    const nowMs = this.#link.timers.now();
    return nowMs - (this.#triedSinceMs ?? nowMs);
  }

  /** Whether calls are told that a server cannot be reached, instead of waiting for another attempt after a pause. */
  #isTriedEnough(pauseMs: number): boolean {
    if (this.#wasConnected) return false;
    const { connectTimeoutMs = this.#link.openTimeoutMs, waitForServerMs = 0 } = this.#options;
    const triedMs = this.#triedMs() + pauseMs;
    if (waitForServerMs > 0) return triedMs >= waitForServerMs;
    return this.#failures % fewAttempts === 0 || triedMs >= connectTimeoutMs;
  }

  #openLink(carrier: Carrier): void {
    const { dispatcher } = this;
    let accepted = false;
    const link = new ClientLink(
      linkOptions(this.#link, carrier, {
        onReady: () => {
          accepted = true;
          this.#onConnected(link);
        },
        onRoom: () => dispatcher.pump(link),
        onDraining: () => this.#onDraining(link),
        onFailure: (operation, error) => this.#onFailure(operation, error),
        onLost: (_, error, unanswered) => {
          this.#links.delete(link);
          if (accepted) this.#onLost(link, error, unanswered);
          else this.#onConnectFailed(error);
        },
      }),
    );
    this.#links.add(link);
  }

  #onConnected(link: ClientLink): void {
    this.#state = "connected";
    this.#wasConnected = true;
    this.#knowsAllCalls = link.knowsAllCalls;
    this.#role = link.role;
    this.#triedSinceMs = undefined;
    this.#connectedAtMs = this.#link.timers.now();
    this.#lastError = undefined;
    this.dispatcher.use(link);
    this.#opening?.resolve();
    this.#opening = undefined;
  }

  #onConnectFailed(caught: EverdictError): void {
    if (this.#state === "closed") return;
    const error = this.#explained(caught);
    this.#state = "idle";
    this.#lastError = error;
    this.#options.onDisconnect?.(error);
    this.#failures++;
    const pauseMs = this.#pauseMs(error.retryAfterMs);
    if (!this.#mayPass(error)) this.#failWaiting(error);
    else if (this.#isTriedEnough(pauseMs)) this.#failWaiting(cannotReach(error));
    if (this.#isAwaited) this.#retryIn(pauseMs);
  }

  #explained(error: EverdictError): EverdictError {
    return this.#options.explain?.(error) ?? error;
  }

  /** A server that has served sessions does so again; what says otherwise stands in for it for now. */
  #mayPass(error: EverdictError): boolean {
    return error.retry !== "never" || (this.#wasConnected && error.code === "unimplemented");
  }

  get #isAwaited(): boolean {
    return this.#opening !== undefined || this.dispatcher.hasWaiting;
  }

  #failWaiting(error: EverdictError): void {
    this.#triedSinceMs = undefined;
    this.#opening?.reject(error);
    this.#opening = undefined;
    this.dispatcher.failWaiting(error);
  }

  /** The pause before the next attempt, in milliseconds. */
  #pauseMs(atLeastMs = 0): number {
    const { reconnectMinDelayMs = 25, reconnectMaxDelayMs = 1000, random = Math.random } = this.#options;
    const fullMs = Math.min(reconnectMaxDelayMs, reconnectMinDelayMs * 2 ** Math.max(0, this.#failures - 1));
    // Half of the pause is chance, so that the clients of a restarted server do not come all at once.
    return Math.max(atLeastMs, fullMs * (0.5 + random() / 2));
  }

  /** Tries again after a pause, if a call waits then. Otherwise the next call finds out for itself. */
  #retryIn(pauseMs: number): void {
    this.#retryTimer = this.#link.timers.set(
      () => {
        this.#retryTimer = undefined;
        if (this.#isAwaited) this.#connectIfNeeded();
      },
      pauseMs,
      false,
    );
  }

  // ---- Failing ----

  /** The connection in use is no longer. Either it was stable, and earlier failures are forgotten, or it was one. */
  #leaveConnection(): void {
    this.#state = "idle";
    const wasStable = this.#link.timers.now() - this.#connectedAtMs > stableAfterMs;
    this.#failures = wasStable ? 0 : this.#failures + 1;
  }

  #onDraining(link: ClientLink): void {
    this.#leaveConnection();
    if (this.#failures > 0 && this.#isAwaited) this.#retryIn(this.#pauseMs());
    this.dispatcher.retire(link);
  }

  #onLost(link: ClientLink, caught: EverdictError, unanswered: readonly Operation[]): void {
    const error = caught.code === "unauthenticated" ? this.#explained(caught) : caught;
    const wasInUse = this.#state === "connected" && ![...this.#links].some((each) => each.isReady);
    this.dispatcher.remove(link);
    if (wasInUse) this.#leaveConnection();
    if (wasInUse || unanswered.length > 0) this.#options.onDisconnect?.(error);
    const passes = error.retry !== "never";
    // Before anything waits again, so that it waits for this attempt instead of making one at once.
    if (wasInUse && passes && (unanswered.length > 0 || this.#isAwaited)) this.#retryIn(this.#pauseMs());
    // From the last to the first: each is put before all later ones, which is then at the front.
    for (const operation of [...unanswered].reverse()) {
      operation.isInDoubt = true;
      if (passes && isRepeatable(operation)) this.dispatcher.requeue(operation);
      else operation.fail(error);
    }
    if (!passes) this.#failWaiting(error);
  }

  /** The server answered with an error: it may be one that passes. */
  #onFailure(operation: Operation, error: EverdictError): void {
    const { maxThrottleWaitMs } = this.#options;
    const verdict = verdictOn(operation, error, this.#link.timers, { maxThrottleWaitMs });
    if (verdict.outcome === "done") operation.succeed(undefined);
    else if (verdict.outcome === "fail") operation.fail(verdict.error);
    else {
      if (verdict.isThrottled) operation.throttledMs += verdict.delayMs;
      else operation.repeats++;
      operation.isInDoubt ||= error.retry === "if-idempotent";
      this.dispatcher.requeueAfter(operation, verdict.delayMs);
    }
  }

  #unreachable(): EverdictError | undefined {
    return this.#lastError === undefined ? undefined : cannotReach(this.#lastError);
  }
}

interface Opening {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: EverdictError) => void;
}

function newOpening(): Opening {
  let resolve!: () => void;
  let reject!: (error: EverdictError) => void;
  const promise = new Promise<void>((accept, refuse) => {
    resolve = accept;
    reject = refuse;
  });
  return { promise, resolve, reject };
}

function cannotReach(cause: EverdictError): EverdictError {
  return createError("unavailable", `the server cannot be reached: ${cause.message}`, { cause });
}
