import { uptime } from "node:os";
import { type Engine, type EngineOptions, openEngine } from "@everdict/engine";
import type { Durability } from "@everdict/protocol";
import { type Clock, steadyClock } from "@everdict/store";
import { type BackupResult, type LogStoreOptions, openLogStore } from "@everdict/store-log";

/** What {@link openLogEngine} takes: where the data is, and all options of an engine but its store. */
export interface LogEngineOptions extends Omit<EngineOptions, "store" | "defaultDurability" | "clock"> {
  /** Milliseconds since the Unix epoch. Default: the system's, unless it jumps. See `steadyClock`. */
  readonly clock?: Clock | undefined;
  /** Where the data is. The directory is created if it does not exist. One process at a time owns it. */
  readonly directory: string;
  /**
   * How durable writes are when they are acknowledged, in dictionaries that are created without a durability of their
   * own. `sync`: on disk. `everysec`: on disk within two seconds. `memory`: on disk at some later time. Default:
   * `sync`.
   */
  readonly durability?: Durability | undefined;
  /** Called with a message for operators, so far about jumps of the system's clock. Default: nobody is told. */
  readonly onWarning?: ((message: string) => void) | undefined;
  /** More options of the store. */
  readonly log?: Omit<LogStoreOptions, "directory" | "clock"> | undefined;
}

/** An engine on a directory of plain files. */
export interface LogEngine extends Engine {
  /**
   * Backs up everything that was acknowledged before the call into one file, while others go on writing. The file must
   * not exist. It is flushed and checked.
   *
   * @throws `conflict` if the file exists, `data_loss` if the log is damaged, and what the system says
   */
  backup(file: string): Promise<BackupResult>;
}

/**
 * Opens an engine on a directory of plain files. When the directory is opened again, even after a crash, everything
 * that was acknowledged is there, as durable as each dictionary promises.
 *
 * @throws `store_locked` if another process owns the directory, `data_loss` if its files are damaged, `conflict`
 *   if a newer version wrote them, and `invalid_argument` or `invalid_name` for an option out of range.
 * @example
 * const engine = await openLogEngine({ directory: "data" });
 * const service = engine.serviceFor({ id: "local", name: "local" });
 */
export async function openLogEngine(options: LogEngineOptions): Promise<LogEngine> {
  const { directory, durability: defaultDurability, log, onWarning, ...engineOptions } = options;
  const clock = options.clock ?? steadyClock({ uptimeMs: () => uptime() * 1000, onWarning });
  const store = await openLogStore({ ...log, directory, clock });
  const engine = await openEngine({ ...engineOptions, clock, defaultDurability, store });
  return Object.assign(engine, { backup: (file: string) => store.backup(file) });
}
