/**
 * When a batch is written: once this turn of the event loop has run everything that is ready.
 *
 * Microtasks are too early: callers at differing depths of `await` would be split into batches of a few. In Node,
 * Bun and Deno `setImmediate` runs right after the poll phase and costs no latency. Elsewhere a message to
 * ourselves is the shortest way behind the tasks that are ready; `setTimeout` is the last resort, as browsers
 * delay nested ones by 4 ms.
 */

/** Calls back after everything that is ready had its turn. */
export type AtEndOfTurn = (callback: () => void) => void;

/** The best that the platform has. */
export const atEndOfTurn: AtEndOfTurn = choose();

function choose(): AtEndOfTurn {
  if (typeof setImmediate === "function") return setImmediate;
  if (typeof MessageChannel === "function") return byMessage();
  return (callback) => {
    setTimeout(callback, 0);
  };
}

function byMessage(): AtEndOfTurn {
  const { port1, port2 } = new MessageChannel();
  let due: (() => void)[] = [];
  port1.onmessage = () => {
    const callbacks = due;
    due = [];
    for (const callback of callbacks) callback();
  };
  return (callback) => {
    due.push(callback);
    if (due.length === 1) port2.postMessage(undefined);
  };
}
