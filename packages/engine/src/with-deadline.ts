import {
  type CallOptions,
  callerGaveUp,
  type EarlyEndErrors,
  isBounded,
  mayHaveBeenApplied,
  Patience,
  type Timers,
  tooLate,
  waitWithin,
} from "@everdict/protocol";
import type { Awaitable } from "@everdict/store";

const inDoubt = `; ${mayHaveBeenApplied}`;
const errors: EarlyEndErrors = {
  cancelled: (reason) => callerGaveUp(inDoubt, reason),
  tooLate: (timeoutMs) => tooLate(timeoutMs, inDoubt),
};

/**
 * The answer, which the caller's signal or deadline may end early.
 *
 * Most calls have neither, and many answers are there already: those are handed through as they are.
 */
export function withDeadline<T>(
  answer: Promise<T>,
  options: CallOptions | undefined,
  timers: Timers,
): Promise<T>;
export function withDeadline<T>(
  answer: Awaitable<T>,
  options: CallOptions | undefined,
  timers: Timers,
): Awaitable<T>;
export function withDeadline<T>(
  answer: Awaitable<T>,
  options: CallOptions | undefined,
  timers: Timers,
): Awaitable<T> {
  if (!(answer instanceof Promise) || !isBounded(options)) return answer;
  return waitWithin(answer, options, timers, errors);
}

/**
 * A stream of which every step may be ended early by the caller's signal or deadline; the deadline is one for
 * the whole stream. The source is told to stop when the consumer stops, and when the caller gives up.
 */
export async function* streamWithDeadline<T>(
  source: AsyncIterable<T>,
  options: CallOptions,
  timers: Timers,
): AsyncGenerator<T, void, undefined> {
  const iterator = source[Symbol.asyncIterator]();
  const patience = new Patience(options, timers, errors);
  try {
    for (;;) {
      if (patience.over !== undefined) throw patience.over;
      const step = await patience.wait(iterator.next());
      if (step.done === true) return;
      yield step.value;
    }
  } finally {
    patience.end();
    const stopped = stop(iterator);
    // After giving up nobody waits: the source may be stuck in the very step that took too long.
    if (patience.over === undefined) await stopped;
  }
}

/** Tells a source to release what it holds. Harmless at its end; what it has to say by then interests nobody. */
async function stop(iterator: AsyncIterator<unknown>): Promise<void> {
  try {
    await iterator.return?.();
  } catch {
    // The stream has its outcome already: the end, the consumer's wish to stop, or the error thrown before.
  }
}
