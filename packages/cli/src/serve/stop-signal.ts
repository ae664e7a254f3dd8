import type { Logger } from "pino";

const exitStatusBySignal = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Resolves at the first SIGINT or SIGTERM, for a graceful stop. A second one ends the process at once, with the
 * status that a shell gives to a process ended by that signal.
 */
export function stopSignal(logger: Logger): Promise<void> {
  return new Promise((resolve) => {
    let isStopping = false;
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.on(signal, () => {
        if (isStopping) process.exit(exitStatusBySignal[signal]);
        isStopping = true;
        logger.info({ signal }, "stopping; the same signal again stops at once");
        resolve();
      });
    }
  });
}
