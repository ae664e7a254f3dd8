import { type Engine, type EngineOptions, openEngine } from "@everdict/engine";
import type { Durability } from "@everdict/protocol";
import { type BackupResult, type LogStoreOptions, openLogStore } from "@everdict/store-log";
import { steadyClock } from "./steady-clock.ts";

/** What {@link openLogEngine} takes: where the data is, and everything an engine can be told but its store. */
export interface LogEngineOptions extends Omit<EngineOptions, "store" | "defaultDurability"> {
  /** Where the data is; created if it is not there. One process at a time owns it. */
  readonly directory: string;
  /**
   * How durable writes are when they are acknowledged, in dictionaries that are created without a durability of their
   * own: `sync` on disk, `everysec` on disk within two seconds, `memory` on disk whenever that suits. Default: `sync`.
   */
  readonly durability?: Durability | undefined;
  /** What else the store can be told. */
  readonly log?: Omit<LogStoreOptions, "directory" | "clock"> | undefined;
}

/** An engine on a directory of plain files. */
export interface LogEngine extends Engine {
  /**
   * Backs up everything that was acknowledged before the call into one file, while others go on writing. The file is
   * flushed and checked; nothing may be there.
   *
   * @throws `conflict` if the file exists, `data_loss` if the log is damaged, and what the system says
   */
  backup(file: string): Promise<BackupResult>;
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
export async function openLogEngine(options: LogEngineOptions): Promise<LogEngine> {
  const { directory, durability: defaultDurability, log, ...engineOptions } = options;
  const clock = steadyClock(engineOptions.clock);
  const store = await openLogStore({ ...log, directory, clock });
  const engine = await openEngine({ ...engineOptions, clock, defaultDurability, store });
  return Object.assign(engine, { backup: (file: string) => store.backup(file) });
}
