import { closeSync, openSync } from "node:fs";
import type { Logger } from "pino";

const exitStatusBySignal = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

// Ctrl-C under `npm start` arrives several times at once: from the terminal, and passed on by npm and by the script.
const oneRequestMs = 500;

/** What signals do to a server. */
export interface Signals {
  /** Resolves at the first signal that asks for a graceful stop. */
  readonly stop: Promise<void>;
  /** From now on SIGHUP calls this instead, unless the terminal on which the server was started is gone. */
  onReload(reload: () => void): void;
  /**
   * Ends the process by SIGHUP if its terminal is gone, as any program that loses its terminal ends. Call it when all
   * is done: otherwise the platform aborts when it tries to reset the terminal.
   */
  endWithTerminal(): void;
}

/**
 * SIGINT and SIGTERM ask for a graceful stop. So does SIGHUP, which a closed terminal sends, unless there is something
 * to reload. A later one of them ends the process at once, with the status that a shell gives to a process ended by
 * that signal.
 */
export function handleSignals(logger: Logger): Signals {
  let reload: (() => void) | undefined;
  const hadTerminal = hasTerminal();
  const hasLostTerminal = (): boolean => hadTerminal && !hasTerminal();
  const stop = new Promise<void>((resolve) => {
    let firstAtMs: number | undefined;
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.on(signal, () => {
        if (signal === "SIGHUP" && reload !== undefined && !hasLostTerminal()) {
          reload();
        } else if (firstAtMs === undefined) {
          firstAtMs = performance.now();
          logger.info({ signal }, "stopping; the same signal again stops at once");
          resolve();
        } else if (performance.now() - firstAtMs > oneRequestMs) {
          process.exit(exitStatusBySignal[signal]);
        }
      });
    }
  });
  return {
    stop,
    onReload: (callback) => {
      reload = callback;
    },
    endWithTerminal: () => {
      if (!hasLostTerminal()) return;
      process.removeAllListeners("SIGHUP");
      process.kill(process.pid, "SIGHUP");
    },
  };
}

/** Whether this process belongs to a terminal. */
function hasTerminal(): boolean {
  try {
    closeSync(openSync("/dev/tty", "r"));
    return true;
  } catch {
    return false;
  }
}
