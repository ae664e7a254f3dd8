/**
 * Repeating calls (protocol section 1.5).
 *
 * A unary call is repeated at most three times, after 0.1, 0.2 and 0.4 s, if its status leaves the outcome open
 * or says that the service was not there. All attempts carry one idempotency key, so that a server can tell a
 * repeat from a new call. A server may also ask for a wait, whatever the status: such waits do not count against
 * the three, and go on until the answer changes, or the call's time or the limit for waits would be passed. Nor do
 * attempts count for which there was no connection: a server that is just starting is waited for.
 */

import { Status, type StatusCode } from "@everdict/protocol";
import { GrpcFailure } from "./grpc-failure.ts";

/** What retrying needs of the world; tests bring their own. */
export interface RetryClock {
  /** Milliseconds that only ever grow. */
  now(): number;
  /** Resolves after so many milliseconds; rejects with the signal's reason if it is aborted first. */
  sleep(ms: number, signal: AbortSignal | undefined): Promise<void>;
}

/** The bounds of one logical call. */
export interface RetryOptions {
  readonly idempotencyKey: string;
  /** When the call must be over, on the clock's scale; undefined: no bound. */
  readonly deadlineMs: number | undefined;
  readonly signal: AbortSignal | undefined;
  /** Most time for waits that the server asks for, in milliseconds; 0: never wait; undefined: no limit. */
  readonly maxThrottleWaitMs: number | undefined;
  /** How long a server that cannot be reached is tried, in milliseconds; 0: as often as other failures. */
  readonly waitForServerMs: number;
  /** How often other failures are repeated. Default: 3. */
  readonly retriesMax?: number | undefined;
}

/** Headers that tell the server which attempt this is. */
export type RetryHeaders = Readonly<Record<string, string>>;

const maxRetries = 3;
const firstDelayMs = 100;
const longestDelayMs = 1000;
const shortestThrottleWaitMs = 100;

const retried: ReadonlySet<StatusCode> = new Set<StatusCode>([
  Status.CANCELLED,
  Status.UNKNOWN,
  Status.DEADLINE_EXCEEDED,
  Status.INTERNAL,
  Status.UNAVAILABLE,
]);

/**
 * Makes a call, and makes it again as the rules above say. Rejects with the last attempt's failure.
 *
 * @param attempt one attempt; it must reject with {@link GrpcFailure} where the server or the network failed.
 *   Anything else it rejects with ends the call.
 */
export async function withRetries<T>(
  attempt: (headers: RetryHeaders) => Promise<T>,
  options: RetryOptions,
  clock: RetryClock,
): Promise<T> {
  const startedMs = clock.now();
  let retries = 0;
  let throttleWaits = 0;
  let unsent = 0;
  for (;;) {
    const elapsedSeconds = ((clock.now() - startedMs) / 1000).toFixed(3);
    try {
      return await attempt({
        "x-idempotency-key": options.idempotencyKey,
        "x-retry-attempt": String(retries),
        "x-throttle-retry-attempt": String(throttleWaits),
        ...(retries > 0 && { "x-retry-delay": elapsedSeconds }),
        ...(throttleWaits > 0 && { "x-throttle-retry-delay": elapsedSeconds }),
      });
    } catch (failure) {
      if (!(failure instanceof GrpcFailure) || options.signal?.aborted) throw failure;
      const elapsedMs = clock.now() - startedMs;
      const throttleMs = throttleWait(failure, elapsedMs, options);
      const isWaiting = failure.isUnsent && options.waitForServerMs > 0;
      const delayMs =
        throttleMs ??
        (isWaiting ? reconnectDelay(unsent, elapsedMs, options) : retryDelay(failure, retries, options));
      if (delayMs === undefined || isPast(clock.now() + delayMs, options.deadlineMs)) throw failure;
      if (isWaiting) unsent += 1;
      else if (throttleMs === undefined) retries += 1;
      else throttleWaits += 1;
      await clock.sleep(delayMs, options.signal);
    }
  }
}

function throttleWait(failure: GrpcFailure, elapsedMs: number, options: RetryOptions): number | undefined {
  const askedMs = failure.retryAfterMs;
  if (askedMs === undefined) return undefined;
  const waitMs = Math.max(askedMs, shortestThrottleWaitMs);
  const { maxThrottleWaitMs } = options;
  if (maxThrottleWaitMs !== undefined && elapsedMs + waitMs > maxThrottleWaitMs) return undefined;
  return waitMs;
}

function reconnectDelay(unsent: number, elapsedMs: number, options: RetryOptions): number | undefined {
  const delayMs = Math.min(firstDelayMs * 2 ** unsent, longestDelayMs);
  return elapsedMs + delayMs < options.waitForServerMs ? delayMs : undefined;
}

function retryDelay(
  failure: GrpcFailure,
  retries: number,
  { retriesMax = maxRetries }: RetryOptions,
): number | undefined {
  if (retries >= retriesMax || !retried.has(failure.status)) return undefined;
  return Math.min(firstDelayMs * 2 ** retries, longestDelayMs);
}

function isPast(momentMs: number, deadlineMs: number | undefined): boolean {
  return deadlineMs !== undefined && momentMs >= deadlineMs;
}
