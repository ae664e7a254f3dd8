import { setImmediate } from "node:timers/promises";

/** Lets the event loop go round so many times, five by default: what is ready to happen in this process happens. */
export async function turns(count = 5): Promise<void> {
  for (let turn = 0; turn < count; turn++) await setImmediate();
}
