import { CallBounds, systemTimers } from "@everdict/protocol";
import type { RetryClock } from "./retry.ts";

/** The real clock. Its sleep keeps the process alive, as a call is under way. */
export const systemClock: RetryClock = {
  now: systemTimers.now,
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) reject(signal.reason);
      else
        new CallBounds({ signal, timeoutMs: ms }, systemTimers, {
          onTimeout: () => resolve(),
          onCancelled: reject,
        });
    }),
};
