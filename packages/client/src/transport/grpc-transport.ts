/**
 * Typed calls to a Modal-compatible server: headers, authentication, time limits, retries and errors around a
 * raw channel (protocol sections 1.3 to 1.5 and 8).
 *
 * Every call carries the token id and secret, under client type 8 (a JavaScript client). The JWT of
 * `AuthTokenGet`, which costs a call of its own, goes with them where it is needed: always on Modal's cloud,
 * whose own JavaScript SDK sends it; on any other server only once that server has refused a call without it.
 */

import type {
  DescMessage,
  DescMethodServerStreaming,
  DescMethodUnary,
  MessageInitShape,
  MessageShape,
} from "@bufbuild/protobuf";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  assertMayBegin,
  CallBounds,
  type CallOptions,
  callerGaveUp,
  callRepeatRule,
  createError,
  type EverdictError,
  errorFrom,
  InFlight,
  isBound,
  type Method,
  type MethodRule,
  mayHaveBeenApplied,
  methodRule,
  Status,
  systemTimers,
} from "@everdict/protocol";
import { ModalClient } from "@everdict/protocol/api";
import type { Credentials } from "../connection/token-text.ts";
import { waitForShared } from "../request-options.ts";
import { AuthTokens } from "./auth-token.ts";
import { clientVersion } from "./client-version.ts";
import { type CallSubject, errorFromFailure } from "./error-from-failure.ts";
import type { AttemptLimits, RawChannel } from "./grpc-channel.ts";
import { GrpcFailure } from "./grpc-failure.ts";
import { type RetryClock, type RetryHeaders, withRetries } from "./retry.ts";

/** What a transport is made of. */
export interface GrpcTransportOptions {
  /** Opens the connection; asked again after it failed. */
  readonly openChannel: () => Promise<RawChannel>;
  readonly credentials: Credentials | undefined;
  /** Whether the server wants a JWT with every call. */
  readonly needsAuthToken: boolean;
  /** How long a call without a timeout of its own may take, in milliseconds. */
  readonly timeoutMs: number;
  readonly maxThrottleWaitMs: number | undefined;
  readonly clock: RetryClock;
  /** How long a server that was never reached is tried, in milliseconds. Default: 0, as often as after other failures. */
  readonly waitForServerMs?: number | undefined;
  /** Puts why there is no connection, or why the token is refused, into words. Default: as it is said. */
  readonly explain?: ((error: EverdictError) => EverdictError) | undefined;
  /** Told why there is no connection yet; undefined: now there is one. Default: nobody. */
  readonly onTrouble?: ((trouble: EverdictError | undefined) => void) | undefined;
}

const clientTypeJavaScript = "8";
/** The version of Modal's Python client to behave like, which servers check: the one Modal's JavaScript SDK claims. */
const claimedClientVersion = "1.0.0";
const authTokenTimeoutMs = 5000;
/** As long as a server that stops waits for its calls. */
const closeTimeoutMs = 10_000;

/** One call: a method of the table, and the RPC that it is. */
export interface GrpcCall<I extends DescMessage, O extends DescMessage> {
  readonly method: Method;
  readonly rpc: DescMethodUnary<I, O>;
  readonly request: MessageInitShape<I>;
  /** Of a creation. */
  readonly mode?: string | undefined;
}

/** Typed calls over one connection. */
export class GrpcTransport {
  readonly #options: GrpcTransportOptions;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #authTokens: AuthTokens;
  #sendsAuthToken: boolean;
  #channel: Promise<RawChannel> | undefined;
  #wasReached = false;
  readonly #inFlight = new InFlight();
  #closing: Promise<void> | undefined;

  constructor(options: GrpcTransportOptions) {
    this.#options = options;
    this.#headers = headersFor(options.credentials);
    this.#sendsAuthToken = options.needsAuthToken;
    this.#authTokens = new AuthTokens({
      fetch: () => this.#fetchAuthToken(),
      clock: options.clock,
      wallClock: Date.now,
      random: Math.random,
    });
  }

  /** One unary call with its retries. @throws what the error table says */
  async unary<I extends DescMessage, O extends DescMessage>(
    { method, rpc, request, mode }: GrpcCall<I, O>,
    options: CallOptions = {},
  ): Promise<MessageShape<O>> {
    const rule = methodRule(method);
    const subject = subjectOf(rule);
    const { clock, maxThrottleWaitMs } = this.#options;
    const timeoutMs = options.timeoutMs ?? this.#options.timeoutMs;
    assertMayBegin({ signal: options.signal, timeoutMs });
    const deadlineMs = isBound(timeoutMs) ? clock.now() + timeoutMs : undefined;
    const message = toBinary(rpc.input, create(rpc.input, request));
    const attempt = (retryHeaders: RetryHeaders) => {
      const limits = { deadlineMs: this.#toWallClock(deadlineMs), signal: options.signal };
      return this.#authenticated(limits, (auth) =>
        this.#send(pathOf(rpc), message, { ...this.#headers, ...auth, ...retryHeaders }, limits),
      );
    };
    try {
      const call = withRetries(
        attempt,
        {
          idempotencyKey: options.idempotencyKey ?? crypto.randomUUID(),
          repeat: callRepeatRule(rule, mode),
          doneIf: rule.doneIf,
          subject,
          deadlineMs,
          signal: options.signal,
          maxThrottleWaitMs,
          waitForServerMs: this.#waitForServerMs,
        },
        clock,
      );
      // What was done by an attempt whose answer was lost has an empty answer.
      return fromBinary(rpc.output, (await this.#inFlight.track(call)) ?? new Uint8Array(0));
    } catch (error) {
      throw this.#errorFrom(error, options.signal, subject);
    }
  }

  /**
   * A server stream, without retries, in batches. A timeout of its own bounds the whole stream; without one
   * there is no bound on the whole, since the consumer sets the pace, but the transport's timeout bounds each
   * wait for more.
   */
  async *stream<I extends DescMessage, O extends DescMessage>(
    method: DescMethodServerStreaming<I, O>,
    request: MessageInitShape<I>,
    options: CallOptions = {},
  ): AsyncGenerator<readonly MessageShape<O>[], void, undefined> {
    assertMayBegin(options);
    const message = toBinary(method.input, create(method.input, request));
    const stalled = new AbortController();
    const signal = options.signal ? AbortSignal.any([options.signal, stalled.signal]) : stalled.signal;
    const deadlineMs = isBound(options.timeoutMs) ? Date.now() + options.timeoutMs : undefined;
    const open = (auth: Readonly<Record<string, string>>) =>
      this.#reaching(async () => {
        const channel = await this.#connect({ deadlineMs, signal });
        const headers = { ...this.#headers, ...auth };
        const source = channel.stream({ path: pathOf(method), message, headers, deadlineMs, signal });
        const batches = source[Symbol.asyncIterator]();
        // The first step shows whether the server accepts the call at all.
        return { batches, step: await this.#unlessStalled(batches.next(), stalled) };
      });
    try {
      let { batches, step } = await this.#onceReached({ deadlineMs, signal }, () =>
        this.#authenticated({ deadlineMs, signal }, open),
      );
      try {
        while (!step.done) {
          yield step.value.map((bytes) => fromBinary(method.output, bytes));
          step = await this.#unlessStalled(batches.next(), stalled);
        }
      } finally {
        await batches.return?.();
      }
    } catch (error) {
      throw this.#errorFrom(error, options.signal, "dict");
    }
  }

  /**
   * Refuses new calls, ends streams, and waits until the calls under way have settled; those that have not by then end,
   * too. Safe to repeat.
   *
   * @param timeoutMs how long to wait, in milliseconds. Default: 10,000.
   */
  close(timeoutMs = closeTimeoutMs): Promise<void> {
    this.#closing ??= this.#close(timeoutMs);
    return this.#closing;
  }

  async #close(timeoutMs: number): Promise<void> {
    const opening = this.#channel;
    this.#channel = undefined;
    // Later, if it is just being opened: closing does not wait for that.
    opening?.then(
      (channel) => channel.close(),
      () => {},
    );
    await waitForShared(this.#inFlight.idle(), { timeoutMs }).catch(() => {});
    opening?.then(
      (channel) => channel.abort(),
      () => {},
    );
  }

  async #send(
    path: string,
    message: Uint8Array,
    headers: Readonly<Record<string, string>>,
    limits: AttemptLimits,
  ): Promise<Uint8Array> {
    return this.#reaching(async () => {
      const channel = await this.#connect(limits);
      return channel.unary({ path, message, headers, ...limits });
    });
  }

  /** Waits for a server that cannot be reached, and repeats nothing else. */
  #onceReached<T>({ deadlineMs, signal }: AttemptLimits, attempt: () => Promise<T>): Promise<T> {
    const { clock } = this.#options;
    const limits = {
      deadlineMs: deadlineMs === undefined ? undefined : clock.now() + deadlineMs - Date.now(),
      signal,
      maxThrottleWaitMs: 0,
      waitForServerMs: this.#waitForServerMs,
      repeatsMax: 0,
    };
    const call = { idempotencyKey: "", repeat: "always", subject: "dict" } as const;
    return withRetries(attempt, { ...call, ...limits }, clock) as Promise<T>;
  }

  /** Notes whether an attempt has reached a server. What keeps it from one and cannot pass ends the call. */
  async #reaching<T>(attempt: () => Promise<T>): Promise<T> {
    try {
      const answer = await attempt();
      this.#reached();
      return answer;
    } catch (failure) {
      if (!(failure instanceof GrpcFailure)) throw failure;
      if (!failure.isUnsent) {
        if (failure.everdictCode !== undefined) this.#reached();
        throw failure;
      }
      const trouble = this.#explained(errorFromFailure(failure, "dict"));
      if (!this.#wasReached) this.#options.onTrouble?.(trouble);
      if (trouble.retry === "never" && !this.#wasReached) throw trouble;
      throw failure;
    }
  }

  #reached(): void {
    if (this.#wasReached) return;
    this.#wasReached = true;
    this.#options.onTrouble?.(undefined);
  }

  /** A server that was reached is waited for until the call's time is over. */
  get #waitForServerMs(): number {
    const { waitForServerMs = 0 } = this.#options;
    return this.#wasReached && waitForServerMs > 0 ? Number.POSITIVE_INFINITY : waitForServerMs;
  }

  #explained(error: EverdictError): EverdictError {
    return this.#options.explain?.(error) ?? error;
  }

  // One connection for all; a call that waits for it waits within its own bounds.
  #connect(limits: AttemptLimits): Promise<RawChannel> {
    if (this.#closing) throw closedError();
    this.#channel ??= this.#options.openChannel().catch((error: unknown) => {
      this.#channel = undefined;
      throw error;
    });
    return waitForShared(this.#channel, boundsOf(limits));
  }

  /** Runs a call with the JWT if the server is known to want one, else without, and then with it if refused. */
  async #authenticated<T>(
    limits: AttemptLimits,
    call: (auth: Readonly<Record<string, string>>) => Promise<T>,
  ): Promise<T> {
    const token = () => waitForShared(this.#authTokens.token(), boundsOf(limits));
    if (this.#sendsAuthToken) return call({ "x-modal-auth-token": await token() });
    try {
      return await call({});
    } catch (refusal) {
      if (!(refusal instanceof GrpcFailure) || refusal.status !== Status.UNAUTHENTICATED) throw refusal;
      if (this.#options.credentials === undefined || refusal.everdictCode !== undefined) throw refusal;
      const jwt = await token().catch(() => {
        throw refusal;
      });
      const answer = await call({ "x-modal-auth-token": jwt });
      this.#sendsAuthToken = true;
      return answer;
    }
  }

  async #fetchAuthToken(): Promise<string> {
    const { method } = ModalClient;
    const limits = { deadlineMs: Date.now() + authTokenTimeoutMs, signal: undefined };
    const message = toBinary(method.authTokenGet.input, create(method.authTokenGet.input));
    const answer = await this.#send(pathOf(method.authTokenGet), message, this.#headers, limits);
    return fromBinary(method.authTokenGet.output, answer).token;
  }

  async #unlessStalled<T>(step: Promise<T>, stalled: AbortController): Promise<T> {
    const bounds = new CallBounds({ timeoutMs: this.#options.timeoutMs }, systemTimers, {
      onTimeout: (timeoutMs) =>
        stalled.abort(createError("deadline_exceeded", `the stream brought nothing for ${timeoutMs} ms`)),
      onCancelled: () => {},
    });
    try {
      return await step;
    } catch (error) {
      throw stalled.signal.aborted ? stalled.signal.reason : error;
    } finally {
      bounds.end();
    }
  }

  #toWallClock(deadlineMs: number | undefined): number | undefined {
    return deadlineMs === undefined ? undefined : Date.now() + (deadlineMs - this.#options.clock.now());
  }

  #errorFrom(error: unknown, signal: AbortSignal | undefined, subject: CallSubject): unknown {
    if (signal?.aborted) {
      return callerGaveUp(`; ${mayHaveBeenApplied}`, signal.reason);
    }
    return error instanceof GrpcFailure
      ? this.#explained(errorFromFailure(error, subject))
      : errorFrom(error);
  }
}

function closedError(): EverdictError {
  return createError("unavailable", "the connection was closed; calls under way may have been applied");
}

/** What is missing or present when the server says that something is. */
function subjectOf({ names, answer }: MethodRule): CallSubject {
  return names === "dict" || answer === "dictInfo" ? "dict" : "environment";
}

function headersFor(credentials: Credentials | undefined): Readonly<Record<string, string>> {
  return {
    "x-modal-client-type": clientTypeJavaScript,
    "x-modal-client-version": claimedClientVersion,
    "x-modal-libmodal-version": `everdict/${clientVersion}`,
    ...(credentials && {
      "x-modal-token-id": credentials.tokenId,
      "x-modal-token-secret": credentials.tokenSecret,
    }),
  };
}

function boundsOf({ deadlineMs, signal }: AttemptLimits): CallOptions {
  return { signal, timeoutMs: deadlineMs === undefined ? undefined : deadlineMs - Date.now() };
}

function pathOf(method: { readonly parent: { readonly typeName: string }; readonly name: string }): string {
  return `/${method.parent.typeName}/${method.name}`;
}
