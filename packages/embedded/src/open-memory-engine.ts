import { type Engine, type EngineOptions, openEngine } from "@everdict/engine";
import { createMemoryStore } from "@everdict/store";
import { steadyClock } from "./steady-clock.ts";

/** What {@link openMemoryEngine} takes: everything an engine can be told but its store. */
export type MemoryEngineOptions = Omit<EngineOptions, "store">;

/**
 * Opens an engine that keeps everything in memory: for tests, and for dictionaries that live as long as the
 * process. Each call gives another, empty one. Runs anywhere, browsers included.
 *
 * @throws `invalid_argument` or `invalid_name` for an option out of range.
 * @example
 * const engine = await openMemoryEngine();
 * const service = engine.serviceFor({ id: "local", name: "local" });
 */
export function openMemoryEngine(options: MemoryEngineOptions = {}): Promise<Engine> {
  const clock = steadyClock(options.clock);
  return openEngine({ ...options, clock, store: createMemoryStore({ clock }) });
}
