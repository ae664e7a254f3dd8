import { setTimeout as delay } from "node:timers/promises";

/** Waits until a condition holds. @throws if it does not within the limit */
export async function waitFor(condition: () => boolean | Promise<boolean>, limitMs = 5000): Promise<void> {
  const untilMs = performance.now() + limitMs;
  while (!(await condition())) {
    if (performance.now() > untilMs) throw new Error(`the condition did not hold within ${limitMs} ms`);
    await delay(5);
  }
}

/** A promise and what settles it. */
export function gate<T = void>(): { readonly opened: Promise<T>; readonly open: (value: T) => void } {
  let open: (value: T) => void = () => {};
  const opened = new Promise<T>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
