import type { Store } from "@everdict/store";
import { catalogNumber, readCatalog, tokensNumber } from "./catalog.ts";
import { Compactor } from "./compactor.ts";
import { DictCatalog } from "./dict-catalog.ts";
import type { DictEntries } from "./dict-entries.ts";
import { EntryLog } from "./entry-log.ts";
import { EntryOperations } from "./entry-operations.ts";
import type { DirectoryLock } from "./files.ts";
import { KeyTable, type OnDropped } from "./key-table.ts";
import { LogStore } from "./log-store.ts";
import { LogWriter } from "./log-writer.ts";
import { completeOptions, type LogStoreOptions } from "./options.ts";
import { Reclaimer } from "./reclaimer.ts";
import { type RecoveredLog, recoverLog } from "./recovery.ts";
import { Sweeper } from "./sweeper.ts";
import { Tokens } from "./tokens.ts";
import { ValueCache } from "./value-cache.ts";

type CompleteOptions = ReturnType<typeof completeOptions>;

/**
 * Opens the store of a directory: a log-structured hash table in plain files, created if there is none.
 *
 * Every effect is flushed to disk (`fdatasync`) before its promise resolves, and invisible until then. All keys
 * are in memory, values within a budget. After a crash the directory is opened like any other time: what was
 * acknowledged is there, what was removed stays gone, the torn end of the last write is cut off.
 *
 * @throws `store_locked` if another process owns the directory, naming its pid; `data_loss` if files are damaged
 *   or missing, naming the place; `conflict` if a newer version wrote them; `invalid_argument` for an option out
 *   of bounds
 * @example
 * const store = await openLogStore({ directory: "data" });
 * await store.close();
 */
export async function openLogStore(options: LogStoreOptions): Promise<Store> {
  const complete = completeOptions(options);
  const { files, directory } = complete;
  await files.createDirectory(directory);
  const lock = await files.lock(directory);
  try {
    return await openOwned(complete, lock);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function openOwned(options: CompleteOptions, lock: DirectoryLock): Promise<Store> {
  const { files, directory, clock } = options;
  const cache = new ValueCache(options.valueCacheMaxBytes);
  const dropped: { token?: OnDropped } = {};
  const onDropped = (dictNumber: number): OnDropped =>
    dictNumber === tokensNumber ? (state) => dropped.token?.(state) : cache.forget;
  const recovered = await recoverLog({ files, directory, onDropped });
  const { segments } = recovered;

  const tokens = new Tokens({ clock, budgetBytes: options.tokenBudgetBytes, segments });
  dropped.token = tokens.dropped;
  const writer = new LogWriter({
    files,
    segments,
    segmentMaxBytes: options.segmentMaxBytes,
    lastSequence: recovered.lastSequence,
    onRewind: () => {
      catalog.rewind();
      tokens.rewind();
    },
    onFailure: (error) => store.fail(error),
    onSealed: () => compactor.consider(),
  });
  const onEnding = (dict: DictEntries, endMs: number) => sweeper.expect(dict, endMs);
  const log = new EntryLog({ writer, cache, onEnding });
  const reclaimer = new Reclaimer(() => compactor.consider());
  const catalog = new DictCatalog({
    clock,
    log,
    writer,
    tokens,
    onDropped: cache.forget,
    onOver: (table) => reclaimer.add(table.discard()),
    onRemoved: (entries) => sweeper.forget(entries),
  });
  const onCompactionError = (error: unknown) => options.onWarning(error as Error);
  const compactor = new Compactor({ files, segments, writer, log, catalog, tokens }, onCompactionError);
  const markedUpToMs = restore({ recovered, catalog, tokens, reclaimer, onDropped: cache.forget });
  const flushed = () => writer.flushed();
  const sweeper = new Sweeper({ clock, catalog, tokens, flushed, markedUpToMs });
  for (const { entries } of catalog.all()) onEnding(entries, entries.table.earliestMs);
  const operations = new EntryOperations({ clock, catalog, log, writer, tokens, cache });
  const parts = { clock, lock, segments, cache, catalog, operations, sweeper, writer, reclaimer, compactor };
  const store = new LogStore(parts);
  compactor.consider();
  return store;
}

interface Restore {
  readonly recovered: RecoveredLog;
  readonly catalog: DictCatalog;
  readonly tokens: Tokens;
  readonly reclaimer: Reclaimer;
  readonly onDropped: OnDropped;
}

/** Gives every part what recovery found for it. Answers the moment up to which everything had been swept. */
function restore({ recovered, catalog, tokens, reclaimer, onDropped }: Restore): number {
  const catalogTable = recovered.tables.get(catalogNumber) ?? new KeyTable(0, () => {});
  const content = readCatalog(catalogTable);
  const { sweptUpTo } = content;
  const tables = new Map(recovered.tables);
  tables.delete(catalogNumber);
  tables.delete(tokensNumber);
  const living = new Set(content.dicts.map(({ number }) => number));
  for (const [number, table] of tables) {
    const generation = content.generations.get(number) ?? 0;
    if (living.has(number) && table.generation === generation) continue;
    // Deleted, or cleared and not written since: what is left of it is garbage.
    reclaimer.add(table.discard());
    tables.set(number, new KeyTable(generation, onDropped));
  }
  for (const number of living) {
    const table = tables.get(number) ?? new KeyTable(content.generations.get(number) ?? 0, onDropped);
    table.startExpiry(sweptUpTo);
    tables.set(number, table);
  }
  catalogTable.startExpiry();
  tokens.start(recovered.tables.get(tokensNumber), sweptUpTo);
  catalog.adopt(catalogTable, content, tables);
  return sweptUpTo?.expiresAtMs ?? Number.NEGATIVE_INFINITY;
}
