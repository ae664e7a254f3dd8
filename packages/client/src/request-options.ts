import { type CallOptions, createError, type EverdictError } from "@everdict/protocol";

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
 * Whether a call may begin at all. One that was given up before it began does nothing.
 *
 * @throws `cancelled`, `deadline_exceeded`, `invalid_argument` for a timeout that is not a number
 */
export function assertMayBegin({ signal, timeoutMs }: CallOptions): void {
  if (signal?.aborted) {
    const cause: unknown = signal.reason;
    throw createError("cancelled", "the call was cancelled before it began; nothing was done", { cause });
  }
  if (timeoutMs === undefined || timeoutMs > 0) return;
  if (Number.isNaN(timeoutMs)) throw createError("invalid_argument", "timeoutMs is not a number");
  throw createError("deadline_exceeded", `the call had ${timeoutMs} ms and did not begin; nothing was done`);
}

/** Whether a timeout means anything: what is longer than a timer can be is no bound in practice. */
export function isBound(timeoutMs: number | undefined): timeoutMs is number {
  return timeoutMs !== undefined && timeoutMs <= longestTimerMs;
}

const longestTimerMs = 2 ** 31 - 1;

/**
 * Spreads the time of one call over its requests: each gets what is left.
 *
 * @param defaultTimeoutMs applies if the options say nothing; undefined: no bound of its own.
 * @returns a function to call before each request.
 * @throws as {@link assertMayBegin} does
 */
export function shareTime(options: RequestOptions, defaultTimeoutMs: number | undefined): ShareTime {
  const { signal } = options;
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
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
export async function waitWithin<T>(
  shared: Promise<T>,
  bounds: CallOptions | undefined,
  trouble?: () => EverdictError | undefined,
): Promise<T> {
  const { signal, timeoutMs } = bounds ?? {};
  if (signal === undefined && timeoutMs === undefined) return shared;
  // If this caller gave up, maybe nobody is left to handle a failure of the work.
  shared.catch(() => {});
  if (signal?.aborted) throw cancelled(signal);
  let giveUp: (() => void) | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    return await new Promise<T>((resolve, reject) => {
      shared.then(resolve, reject);
      giveUp = () => reject(cancelled(signal!));
      signal?.addEventListener("abort", giveUp, { once: true });
      if (!isBound(timeoutMs)) return;
      timer = setTimeout(() => reject(tooLate(timeoutMs, trouble?.())), timeoutMs);
    });
  } finally {
    clearTimeout(timer);
    if (giveUp) signal?.removeEventListener("abort", giveUp);
  }
}

function tooLate(timeoutMs: number, cause: EverdictError | undefined): EverdictError {
  const why = cause === undefined ? "" : `: ${cause.message}`;
  return createError("deadline_exceeded", `no answer within ${Math.max(0, Math.round(timeoutMs))} ms${why}`, {
    cause,
  });
}

function cancelled(signal: AbortSignal) {
  return createError("cancelled", "the caller gave up waiting", { cause: signal.reason });
}
