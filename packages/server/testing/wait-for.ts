import { waitUntil } from "@everdict/testkit";

/** Waits until a condition holds. @throws if it does not within the limit */
export function waitFor(condition: () => boolean | Promise<boolean>, limitMs = 5000): Promise<void> {
  return waitUntil("the condition holds", condition, { timeoutMs: limitMs, everyMs: 5 });
}

/** A promise and what settles it. */
export function gate<T = void>(): { readonly opened: Promise<T>; readonly open: (value: T) => void } {
  let open: (value: T) => void = () => {};
  const opened = new Promise<T>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
