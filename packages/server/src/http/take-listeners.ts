import type { EventEmitter } from "node:events";

/** Takes all listeners of an event away. Answers what calls them, in their order, as the event would. */
export function takeListeners(emitter: EventEmitter, event: string): (...parts: unknown[]) => void {
  const listeners = emitter.listeners(event);
  emitter.removeAllListeners(event);
  return (...parts) => {
    for (const listener of listeners) Reflect.apply(listener, emitter, parts);
  };
}
