import { setImmediate } from "node:timers/promises";

/** Lets the event loop go round so many times: what is ready to happen in this process happens. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await setImmediate();
}
