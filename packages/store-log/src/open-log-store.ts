import { createError } from "@everdict/protocol";
import { catalogNumber, readCatalog, tokensNumber } from "./catalog.ts";
import { Compactor } from "./compactor.ts";
import { DictCatalog } from "./dict-catalog.ts";
import type { DictEntries } from "./dict-entries.ts";
import { EntryLog } from "./entry-log.ts";
import { EntryMemory } from "./entry-memory.ts";
import { EntryOperations } from "./entry-operations.ts";
import type { DirectoryLock } from "./files.ts";
import { FlushPath } from "./flush-path.ts";
import { removeStaleHints } from "./hint.ts";
import { HintWriter } from "./hint-writer.ts";
import { LogStore } from "./log-store.ts";
import { LogWriter } from "./log-writer.ts";
import { makeDurable } from "./make-durable.ts";
import { completeOptions, type LogStoreOptions } from "./options.ts";
import { Reclaimer } from "./reclaimer.ts";
import { type RecoveredLog, recoverLog } from "./recovery.ts";
import { requireNoRestore } from "./restore-mark.ts";
import { segmentName } from "./segment.ts";
import { slackBytes } from "./segment-bytes.ts";
import { SegmentSet } from "./segment-set.ts";
import type { SnapshotFiles } from "./snapshot.ts";
import { Sweeper } from "./sweeper.ts";
import { Tokens, tokensMax } from "./tokens.ts";
import { ValueCache } from "./value-cache.ts";

type CompleteOptions = ReturnType<typeof completeOptions>;

/**
 * Opens the store of a directory: a log-structured hash table in plain files, created if there is none.
 *
 * Every effect is flushed to disk (`fdatasync`) before its promise resolves, and invisible until then, but in
 * dictionaries that were created with another durability: there it is written and not yet flushed. All keys
 * are in memory, values within a budget. After a crash the directory is opened like any other time: what was
 * flushed is there, what was removed stays gone, the torn end of the last write is cut off.
 *
 * @throws `store_locked` if another process owns the directory, naming its pid; `data_loss` if files are damaged
 *   or missing, naming the place; `conflict` if a newer version wrote them; `invalid_argument` for an option out
 *   of bounds
 * @example
 * const store = await openLogStore({ directory: "data" });
 * await store.close();
 */
export async function openLogStore(options: LogStoreOptions): Promise<LogStore> {
  const complete = completeOptions(options);
  const { files, directory } = complete;
  await files.createDirectory(directory, (message) => complete.onWarning(new Error(message)));
  const lock = await files.lock(directory);
  try {
    await requireNoRestore(files, directory);
    return await openOwned(complete, lock);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/**
 * Opens a log that is only read: a snapshot. Nothing may be called that writes. `reclaimed` resolves when everything
 * that is over is known to be garbage.
 */
export async function openSnapshotStore(
  files: SnapshotFiles,
  directory: string,
): Promise<{ readonly store: LogStore; readonly reclaimed: Promise<void> }> {
  const options = completeOptions({ directory, files, valueCacheMaxBytes: 0 });
  const { store, reclaimer, compactor, hints } = await assemble(options, await files.lock(), async () => {});
  await compactor.stop();
  hints.disable();
  return { store, reclaimed: reclaimer.idle() };
}

async function openOwned(options: CompleteOptions, lock: DirectoryLock): Promise<LogStore> {
  const { files, directory } = options;
  const { store, compactor, hints } = await assemble(options, lock, async (recovered) => {
    await removeStaleHints(files, recovered.segments);
    await makeDurable(recovered, files, directory);
    for (const { segment, isDamaged } of recovered.headless)
      if (isDamaged) options.onWarning(headerMended(segment.number));
  });
  compactor.consider();
  hints.consider();
  return store;
}

function headerMended(number: number): Error {
  return createError(
    "data_loss",
    `the header of ${segmentName(number)} was damaged. Nothing is lost, and it was written anew, but the disk may be failing`,
  );
}

/** @param settle - awaited before anything may write */
async function assemble(
  options: CompleteOptions,
  lock: DirectoryLock,
  settle: (recovered: RecoveredLog) => Promise<void>,
) {
  const { files, directory, clock } = options;
  const cache = new ValueCache(options.valueCacheMaxBytes);
  const segments = new SegmentSet(directory);
  const memory = new EntryMemory(segments, cache, options.memoryMaxBytes);
  const recovered = await recoverLog({
    files,
    directory,
    memory,
    tokensMax: tokensMax(options.tokenBudgetBytes),
  });
  await settle(recovered);

  const tokens = new Tokens({ clock, budgetBytes: options.tokenBudgetBytes, memory });
  memory.onTokenDropped = tokens.dropped;
  const writer = new LogWriter({
    files,
    segments,
    segmentMaxBytes: options.segmentMaxBytes,
    flushPath: new FlushPath(options.flushPath),
    lastSequence: recovered.lastSequence,
    onRewind: () => {
      catalog.rewind();
      tokens.rewind();
    },
    onFailure: (error) => {
      store.fail(error);
      options.onFailure(error);
    },
    onSealed: () => {
      compactor.consider();
      hints.consider();
    },
  });
  const onEnding = (dict: DictEntries, endMs: number) => sweeper.expect(dict, endMs);
  const log = new EntryLog({ writer, cache, onEnding });
  const reclaimer = new Reclaimer(() => compactor.consider());
  const catalog = new DictCatalog({
    clock,
    log,
    writer,
    tokens,
    memory,
    onOver: (table) => {
      cache.forgetTable(table);
      reclaimer.add(table.discard());
    },
    onRemoved: (entries) => sweeper.forget(entries),
  });
  const hints = new HintWriter({ files, segments, isSealed: (segment) => writer.isSealed(segment) });
  const onCompactionError = (error: unknown) => options.onWarning(error as Error);
  const compactor = new Compactor(
    { files, segments, writer, log, catalog, tokens, slackBytes: slackBytes(options.segmentMaxBytes) },
    options.compactionBytesPerSecond,
    onCompactionError,
  );
  const markedUpToMs = restore({ recovered, catalog, tokens, reclaimer, memory });
  const flushed = () => writer.flushed();
  const sweeper = new Sweeper({ clock, catalog, tokens, flushed, markedUpToMs });
  for (const { entries } of catalog.all()) onEnding(entries, entries.table.earliestMs);
  const operations = new EntryOperations({ clock, catalog, log, writer, tokens, cache, memory });
  const parts = { clock, lock, segments, catalog, operations, sweeper, writer, reclaimer, compactor, hints };
  const store = new LogStore(parts);
  return { store, reclaimer, compactor, hints };
}

interface Restore {
  readonly recovered: RecoveredLog;
  readonly catalog: DictCatalog;
  readonly tokens: Tokens;
  readonly reclaimer: Reclaimer;
  readonly memory: EntryMemory;
}

/** Gives every part what recovery found for it. Answers the moment up to which everything had been swept. */
function restore({ recovered, catalog, tokens, reclaimer, memory }: Restore): number {
  const catalogTable = recovered.tables.get(catalogNumber) ?? memory.newTable(catalogNumber, 0);
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
    tables.set(number, memory.newTable(number, generation));
  }
  for (const number of living) {
    const table = tables.get(number) ?? memory.newTable(number, content.generations.get(number) ?? 0);
    table.endRecovery(sweptUpTo);
    tables.set(number, table);
  }
  catalogTable.endRecovery();
  tokens.start(recovered.tables.get(tokensNumber), sweptUpTo);
  catalog.adopt(catalogTable, content, tables);
  return sweptUpTo?.expiresAtMs ?? Number.NEGATIVE_INFINITY;
}
