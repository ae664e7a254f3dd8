import type { EngineOptions } from "@everdict/engine";

type Clock = NonNullable<EngineOptions["clock"]>;

/** How far a clock may be set back without time going back, in milliseconds: as long as expired entries may wait to be swept. */
export const heldBackMaxMs = 60_000;

/**
 * A clock that stands still when the one below it is set back a little, until that has caught up: what has expired stays
 * expired. If it is set back by more than a minute, what it said before was wrong, and it is followed.
 *
 * @param clock - milliseconds since the Unix epoch. Default: `Date.now`
 */
export function steadyClock(clock: Clock = Date.now): Clock {
  let lastMs = Number.NEGATIVE_INFINITY;
  return () => {
    const nowMs = clock();
    if (nowMs >= lastMs || lastMs - nowMs > heldBackMaxMs) lastMs = nowMs;
    return lastMs;
  };
}
