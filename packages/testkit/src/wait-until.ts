import { setTimeout as delay } from "node:timers/promises";

/** What `waitUntil` may be told. */
export interface WaitOptions {
  /** Gives up after this long. Default: 10,000. */
  readonly timeoutMs?: number | undefined;
  /** How often it looks. Default: 10. */
  readonly everyMs?: number | undefined;
}

/** Resolves once the condition holds; rejects, naming `what`, if it does not within the limit. */
export async function waitUntil(
  what: string,
  condition: () => boolean | Promise<boolean>,
  options: WaitOptions = {},
): Promise<void> {
  const { timeoutMs = 10_000, everyMs = 10 } = options;
  const giveUpAtMs = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > giveUpAtMs) throw new Error(`waited ${timeoutMs} ms in vain until ${what}`);
    await delay(everyMs);
  }
}
