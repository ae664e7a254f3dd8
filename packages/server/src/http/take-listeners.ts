import type { EventEmitter } from "node:events";

/** Removes all listeners of an event. Returns a function that calls them in their order, as the event would. */
export function takeListeners(emitter: EventEmitter, event: string): (...parts: unknown[]) => void {
  const listeners = emitter.listeners(event);
  emitter.removeAllListeners(event);
  return (...parts) => {
    for (const listener of listeners) Reflect.apply(listener, emitter, parts);
  };
}
