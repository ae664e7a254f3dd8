import type { Logger } from "pino";

const exitStatusBySignal = { SIGINT: 130, SIGTERM: 143 } as const;

// Ctrl-C under `npm start` arrives several times at once: from the terminal, and passed on by npm and by the script.
const oneRequestMs = 500;

/**
 * Resolves at the first SIGINT or SIGTERM, for a graceful stop. A later one ends the process at once, with the
 * status that a shell gives to a process ended by that signal.
 */
export function stopSignal(logger: Logger): Promise<void> {
  return new Promise((resolve) => {
    let firstAtMs: number | undefined;
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.on(signal, () => {
        if (firstAtMs === undefined) {
          firstAtMs = performance.now();
          logger.info({ signal }, "stopping; the same signal again stops at once");
          resolve();
        } else if (performance.now() - firstAtMs > oneRequestMs) {
          process.exit(exitStatusBySignal[signal]);
        }
      });
    }
  });
}
