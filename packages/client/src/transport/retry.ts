/**
 * Repeats calls (protocol section 1.5).
 *
 * A unary call is repeated at most three times, after 0.1, 0.2 and 0.4 s, if its status leaves the outcome open
 * or says that the service was not there. All attempts carry one idempotency key, so that a server can tell a
 * repeat from a new call. A server may also ask for a wait, whatever the status: such waits do not count against
 * the three, and go on until the answer changes, or the call's time or the limit for waits would be passed. Nor do
 * attempts count for which there was no connection: a server that is just starting is waited for. What may be repeated at
 * all after an unknown outcome is decided by `repeatVerdict`, as for sessions.
 */

import {
  type CallRepeatRule,
  doubtAfter,
  type ErrorCode,
  type Failure,
  hasOutlivedKey,
  outlivedKey,
  type RepeatVerdict,
  repeatDelayMs,
  repeatVerdict,
} from "@everdict/protocol";
import { type CallSubject, errorFromFailure } from "./error-from-failure.ts";
import { GrpcFailure } from "./grpc-failure.ts";

/** What retrying needs of the world; tests bring their own. */
export interface RetryClock {
  /** Milliseconds that only ever grow. */
  now(): number;
  /** Resolves after this many milliseconds; rejects with the signal's reason if it is aborted first. */
  sleep(ms: number, signal: AbortSignal | undefined): Promise<void>;
}

/** One logical call: what it is, and its bounds. */
export interface RetryOptions {
  readonly idempotencyKey: string;
  readonly repeat: CallRepeatRule;
  readonly doneIf?: ErrorCode | undefined;
  /** What a status is about. */
  readonly subject: CallSubject;
  /** When the call must be over, on the clock's scale; undefined: no bound. */
  readonly deadlineMs: number | undefined;
  readonly signal: AbortSignal | undefined;
  /** Most time for waits that the server asks for, in milliseconds; 0: never wait; undefined: no limit. */
  readonly maxThrottleWaitMs: number | undefined;
  /** How long a server that cannot be reached is tried, in milliseconds; 0: as often as other failures. */
  readonly waitForServerMs: number;
  /** How often other failures are repeated. Default: 3. */
  readonly repeatsMax?: number | undefined;
}

/** Headers that tell the server which attempt this is. */
export type RetryHeaders = Readonly<Record<string, string>>;

/** As official clients have it. */
const throttleMinMs = 100;

/**
 * Makes a call, and makes it again as the rules above say. Rejects with the last attempt's failure.
 *
 * @param attempt one attempt; it must reject with {@link GrpcFailure} where the server or the network failed.
 *   Anything else it rejects with ends the call.
 * @returns undefined if the call was done by an attempt whose answer was lost
 */
export async function withRetries<T>(
  attempt: (headers: RetryHeaders) => Promise<T>,
  options: RetryOptions,
  clock: RetryClock,
): Promise<T | undefined> {
  const attempts = new Attempts(options, clock);
  for (;;) {
    try {
      return await attempt(attempts.begin());
    } catch (failure) {
      if (!(failure instanceof GrpcFailure) || options.signal?.aborted) throw failure;
      const delayMs = attempts.failed(failure);
      if (delayMs === undefined) return undefined;
      await clock.sleep(delayMs, options.signal);
    }
  }
}

/** The attempts of one call. */
class Attempts {
  readonly #options: RetryOptions;
  readonly #clock: RetryClock;
  readonly #startedMs: number;
  #sentAtMs = 0;
  /** When the first attempt was sent whose outcome is unknown. */
  #doubtfulSinceMs: number | undefined;
  #repeats = 0;
  #throttles = 0;
  #throttledMs = 0;
  #unsent = 0;

  constructor(options: RetryOptions, clock: RetryClock) {
    this.#options = options;
    this.#clock = clock;
    this.#startedMs = clock.now();
  }

  /** The next one begins: its headers. */
  begin(): RetryHeaders {
    this.#sentAtMs = this.#clock.now();
    const elapsedSeconds = ((this.#sentAtMs - this.#startedMs) / 1000).toFixed(3);
    return {
      "x-idempotency-key": this.#options.idempotencyKey,
      "x-retry-attempt": String(this.#repeats),
      "x-throttle-retry-attempt": String(this.#throttles),
      ...(this.#repeats > 0 && { "x-retry-delay": elapsedSeconds }),
      ...(this.#throttles > 0 && { "x-throttle-retry-delay": elapsedSeconds }),
    };
  }

  /** It failed: the pause before the next; undefined if an earlier one did it. @throws what the call ends with */
  failed(failure: GrpcFailure): number | undefined {
    const { deadlineMs, waitForServerMs, subject } = this.#options;
    const nowMs = this.#clock.now();
    const failed = {
      error: errorFromFailure(failure, subject),
      sentAgoMs: failure.isUnsent ? undefined : nowMs - this.#sentAtMs,
      isAnswer: failure.everdictCode !== undefined,
    };
    const inDoubtMs = this.#doubtfulSinceMs === undefined ? undefined : nowMs - this.#doubtfulSinceMs;
    const isAwaited = failure.isUnsent && waitForServerMs > 0;
    const verdict = isAwaited
      ? this.#untilReached(nowMs, inDoubtMs, failed)
      : this.#verdict(inDoubtMs, failed);
    if (verdict.outcome === "done") return undefined;
    // The failure says more than the error that was made of it.
    if (verdict.outcome === "fail") throw verdict.error === failed.error ? failure : verdict.error;
    const { delayMs, isThrottled } = verdict;
    if (deadlineMs !== undefined && nowMs + delayMs >= deadlineMs) throw failure;
    if (doubtAfter({ inDoubtMs }, failed) !== undefined) this.#doubtfulSinceMs ??= this.#sentAtMs;
    if (isAwaited) this.#unsent++;
    else if (isThrottled) this.#throttles++;
    else this.#repeats++;
    if (isThrottled) this.#throttledMs += delayMs;
    return delayMs;
  }

  #verdict(inDoubtMs: number | undefined, failed: Failure): RepeatVerdict {
    const { repeat, doneIf } = this.#options;
    const call = { repeat, doneIf, repeats: this.#repeats, throttledMs: this.#throttledMs, inDoubtMs };
    return repeatVerdict(call, failed, { ...this.#options, throttleMinMs });
  }

  /** There was no connection, and the server is waited for. */
  #untilReached(nowMs: number, inDoubtMs: number | undefined, { error }: Failure): RepeatVerdict {
    const { repeat, waitForServerMs } = this.#options;
    const delayMs = repeatDelayMs(this.#unsent);
    if (hasOutlivedKey(repeat, inDoubtMs, delayMs)) return { outcome: "fail", error: outlivedKey() };
    const isInTime = nowMs - this.#startedMs + delayMs < waitForServerMs;
    return isInTime ? { outcome: "repeat", delayMs, isThrottled: false } : { outcome: "fail", error };
  }
}
