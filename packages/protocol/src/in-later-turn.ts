const { setImmediate: immediate } = globalThis as { setImmediate?: (callback: () => void) => void };

/** Calls back when everything that this turn of the event loop began has run, its promises included. */
export function inLaterTurn(callback: () => void): void {
  if (immediate !== undefined) immediate(callback);
  else setTimeout(callback, 0);
}
