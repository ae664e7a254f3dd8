import { openSync, readSync } from "node:fs";

const tickMs = 1;

/**
 * Measures the longest time for which one turn holds the event loop of this thread, in milliseconds.
 *
 * A timer that comes late was held up by this thread or by the machine, whose processors and memory others want, too. On
 * Linux the first is known, as the time for which the thread ran between two ticks, and is what counts.
 */
export function loopMeter() {
  const ranMs = runReader() ?? (() => performance.now());
  let longestMs = 0;
  let lastMs = ranMs();
  const look = () => {
    const nowMs = ranMs();
    longestMs = Math.max(longestMs, nowMs - lastMs);
    lastMs = nowMs;
  };
  setInterval(look, tickMs).unref();
  return {
    /** The longest hold since it was last asked for. */
    take: () => {
      look();
      const taken = longestMs;
      longestMs = 0;
      return taken;
    },
  };
}

/** Reads for how long this thread has run so far, in milliseconds; undefined where that is not known. */
function runReader() {
  let file;
  try {
    file = openSync("/proc/thread-self/schedstat", "r");
  } catch {
    return undefined;
  }
  const bytes = Buffer.alloc(128);
  return () => {
    const text = bytes.latin1Slice(0, readSync(file, bytes, 0, bytes.length, 0));
    return Number(text.split(" ")[0]) / 1e6;
  };
}
