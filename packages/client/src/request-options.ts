import {
  assertMayBegin,
  type CallOptions,
  callerGaveUp,
  type EverdictError,
  isBounded,
  systemTimers,
  tooLate,
  waitWithin,
} from "@everdict/protocol";

/** What every call takes as its last argument. */
export interface RequestOptions {
  /** Gives up waiting: the call rejects with `cancelled`. The operation may still be applied. */
  readonly signal?: AbortSignal | undefined;
  /**
   * How long to wait, in milliseconds. Then the call rejects with `deadline_exceeded`, and the operation may still be
   * applied. Default: the client's `timeoutMs`, else 120,000 over a network.
   */
  readonly timeoutMs?: number | undefined;
}

/** Gives each request of a call what is left of the call's time; undefined: there is no bound at all. */
export type ShareTime = () => CallOptions | undefined;

const unbounded: ShareTime = () => undefined;

/**
 * Spreads the time of one call over the requests it is made of: each gets what is left.
 *
 * @param defaultTimeoutMs applies if the options say nothing; undefined: no bound of its own.
 * @returns a function to call before each request.
 * @throws as {@link assertMayBegin} does
 */
export function shareTime(
  options: RequestOptions | undefined,
  defaultTimeoutMs: number | undefined,
): ShareTime {
  const signal = options?.signal;
  const timeoutMs = options?.timeoutMs ?? defaultTimeoutMs;
  if (timeoutMs === undefined && signal === undefined) return unbounded;
  assertMayBegin({ signal, timeoutMs });
  if (timeoutMs === undefined) return () => ({ signal });
  const deadlineMs = performance.now() + timeoutMs;
  let first = true;
  return () => {
    const leftMs = first ? timeoutMs : deadlineMs - performance.now();
    first = false;
    return { signal, timeoutMs: leftMs };
  };
}

/**
 * Waits for a promise that others share, within this caller's bounds only: giving up here ends nobody else's
 * wait.
 *
 * @param trouble says why it takes so long, for the message.
 * @throws `cancelled`, `deadline_exceeded`
 */
export async function waitForShared<T>(
  shared: Promise<T>,
  bounds: CallOptions | undefined,
  trouble?: () => EverdictError | undefined,
): Promise<T> {
  if (!isBounded(bounds)) return shared;
  const cancelled = (reason: unknown) => callerGaveUp(" waiting", reason);
  if (bounds.signal?.aborted) {
    // Nobody may be left to hear that the work failed.
    shared.catch(() => {});
    throw cancelled(bounds.signal.reason);
  }
  return waitWithin(shared, bounds, systemTimers, {
    cancelled,
    tooLate: (timeoutMs) => tooLate(timeoutMs, "", trouble?.()),
  });
}
