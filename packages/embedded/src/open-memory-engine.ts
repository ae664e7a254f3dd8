import { type Engine, type EngineOptions, openEngine } from "@everdict/engine";
import { type Clock, createMemoryStore, steadyClock } from "@everdict/store";

/** What {@link openMemoryEngine} takes: all options of an engine but its store. */
export interface MemoryEngineOptions extends Omit<EngineOptions, "store" | "clock"> {
  /** Milliseconds since the Unix epoch. Default: the system's, unless it jumps. See `steadyClock`. */
  readonly clock?: Clock | undefined;
  /** Called with a message for operators, so far about jumps of the system's clock. Default: nobody is told. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/**
 * Opens an engine that keeps everything in memory: for tests, and for dictionaries that live as long as the
 * process. Each call gives another, empty one. Runs anywhere, browsers included.
 *
 * @throws `invalid_argument` or `invalid_name` for an option out of range.
 * @example
 * const engine = await openMemoryEngine();
 * const service = engine.serviceFor({ id: "local", name: "local" });
 */
export function openMemoryEngine({ onWarning, ...options }: MemoryEngineOptions = {}): Promise<Engine> {
  const clock = options.clock ?? steadyClock({ onWarning });
  return openEngine({ ...options, clock, store: createMemoryStore({ clock }) });
}
