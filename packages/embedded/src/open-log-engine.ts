import { type Engine, type EngineOptions, openEngine } from "@everdict/engine";
import { type LogStoreOptions, openLogStore } from "@everdict/store-log";

/** What {@link openLogEngine} takes: where the data is, and everything an engine can be told but its store. */
export interface LogEngineOptions extends Omit<EngineOptions, "store"> {
  /** Where the data is; created if it is not there. One process at a time owns it. */
  readonly directory: string;
  /** What else the store can be told. */
  readonly log?: Omit<LogStoreOptions, "directory" | "clock"> | undefined;
}

/**
 * Opens an engine on a directory of plain files. What it acknowledged is there when the directory is opened
 * again, after a crash too.
 *
 * @throws `store_locked` if another process owns the directory, `data_loss` if its files are damaged, `conflict`
 *   if a newer version wrote them, and `invalid_argument` or `invalid_name` for an option out of range.
 * @example
 * const engine = await openLogEngine({ directory: "data" });
 * const service = engine.serviceFor({ id: "local", name: "local" });
 */
export async function openLogEngine(options: LogEngineOptions): Promise<Engine> {
  const { directory, log, ...engineOptions } = options;
  const { clock } = engineOptions;
  const store = await openLogStore({ ...log, directory, clock });
  return openEngine({ ...engineOptions, store });
}
