import { createError } from "@everdict/protocol";
import type { CompactionParts } from "../compaction/compaction-run.ts";
import { Compactor } from "../compaction/compactor.ts";
import { HintWriter } from "../compaction/hint-writer.ts";
import { Housekeeper, type HousekeeperOptions } from "../compaction/housekeeper.ts";
import { catalogNumber, readCatalog, tokensNumber } from "../entries/catalog.ts";
import { DictCatalog } from "../entries/dict-catalog.ts";
import type { DictEntries } from "../entries/dict-entries.ts";
import { EntryLog } from "../entries/entry-log.ts";
import { EntryOperations } from "../entries/entry-operations.ts";
import { Reclaimer } from "../entries/reclaimer.ts";
import { Sweeper } from "../entries/sweeper.ts";
import { Tokens, tokensMax } from "../entries/tokens.ts";
import type { SnapshotFiles } from "../examine/snapshot.ts";
import type { DirectoryLock } from "../files/files.ts";
import { HealthWatch } from "../files/health-watch.ts";
import { makeRoomToOpen } from "../files/reserve-file.ts";
import { requireNoRestore } from "../files/restore-mark.ts";
import { watchedFiles } from "../files/watched-files.ts";
import { EntryMemory } from "../index/entry-memory.ts";
import type { KeyTable } from "../index/key-table.ts";
import { ValueCache } from "../index/value-cache.ts";
import { DiskRoom } from "../log/disk-room.ts";
import { FlushPath } from "../log/flush-path.ts";
import { LogWriter } from "../log/log-writer.ts";
import { makeDurable } from "../recovery/make-durable.ts";
import { type RecoveredLog, recoverLog } from "../recovery/recovery.ts";
import { removeStaleHints } from "../segments/hint.ts";
import { segmentName } from "../segments/segment.ts";
import { slackBytes } from "../segments/segment-bytes.ts";
import { SegmentSet } from "../segments/segment-set.ts";
import { LogStore } from "./log-store.ts";
import { completeOptions, type LogStoreOptions } from "./options.ts";

type CompleteOptions = ReturnType<typeof completeOptions>;

/**
 * Opens the store of a directory: a log-structured hash table in plain files, created if there is none.
 *
 * Every effect is flushed to disk (`fdatasync`) before its promise resolves, and invisible until then, but in
 * dictionaries that were created with another durability: there it is written and not yet flushed. All keys
 * are in memory, values within a budget. After a crash the directory is opened like any other time: what was
 * flushed is there, what was removed stays gone, the torn end of the last write is cut off. A full disk opens, too:
 * reads and removals go on there, and writes as soon as there is room.
 *
 * @throws `store_locked` if another process owns the directory, naming its pid; `data_loss` if files are damaged
 *   or missing, naming the place; `conflict` if a newer version wrote them; `invalid_argument` for an option out
 *   of bounds
 * @example
 * const store = await openLogStore({ directory: "data" });
 * await store.close();
 */
export async function openLogStore(options: LogStoreOptions): Promise<LogStore> {
  const given = completeOptions(options);
  const health = new HealthWatch(given.onHealth);
  const files = watchedFiles(given.files, health);
  const complete = { ...given, files };
  const { directory } = complete;
  await files.createDirectory(directory, (message) => complete.onWarning(new Error(message)));
  await makeRoomToOpen(files, directory);
  const lock = await files.lock(directory);
  try {
    await requireNoRestore(files, directory);
    return await openOwned(complete, lock, health);
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
  const health = new HealthWatch(options.onHealth);
  const lock = await files.lock();
  const { store, reclaimer, compactor, hints } = await assemble({ options, lock, health }, async () => {});
  await compactor.stop();
  hints.disable();
  return { store, reclaimed: reclaimer.idle() };
}

async function openOwned(
  options: CompleteOptions,
  lock: DirectoryLock,
  health: HealthWatch,
): Promise<LogStore> {
  const { files, directory } = options;
  const parts = { options, lock, health };
  const { store, room, housekeeper, compactor, hints } = await assemble(parts, async (recovered) => {
    await removeStaleHints(files, recovered.segments);
    await makeDurable(recovered, files, directory);
    for (const { segment, isDamaged } of recovered.headless)
      if (isDamaged) options.onWarning(headerMended(segment.number));
  });
  await room.open();
  void room.look();
  housekeeper.start();
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

interface Opening {
  readonly options: CompleteOptions;
  readonly lock: DirectoryLock;
  readonly health: HealthWatch;
}

/** @param settle - awaited before anything may write */
async function assemble(
  { options, lock, health }: Opening,
  settle: (recovered: RecoveredLog) => Promise<void>,
) {
  const { files, directory, clock, segmentMaxBytes, tokenBudgetBytes: budgetBytes } = options;
  const cache = new ValueCache(options.valueCacheMaxBytes);
  const segments = new SegmentSet(directory);
  const memory = new EntryMemory(segments, cache, options.memoryMaxBytes);
  const recovered = await recoverLog({ files, directory, memory, tokensMax: tokensMax(budgetBytes) });
  await settle(recovered);

  const tokens = new Tokens({ clock, budgetBytes, memory });
  memory.onTokenDropped = tokens.dropped;
  const onFull = (isFull: boolean) => {
    upkeep.housekeeper.start();
    health.onFull(isFull);
  };
  const room = new DiskRoom({ files, segments, segmentMaxBytes, onChange: onFull });
  const writer = new LogWriter({
    files,
    segments,
    segmentMaxBytes,
    room,
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
      upkeep.compactor.consider();
      upkeep.hints.consider();
    },
  });
  const onEnding = (dict: DictEntries, endMs: number) => sweeper.expect(dict, endMs);
  const log = new EntryLog({ writer, cache, onEnding });
  const reclaimer = new Reclaimer(() => upkeep.compactor.consider());
  const onOver = (table: KeyTable) => {
    cache.forgetTable(table);
    reclaimer.add(table.discard());
  };
  const onRemoved = (entries: DictEntries) => sweeper.forget(entries);
  const catalog = new DictCatalog({ clock, log, writer, tokens, memory, room, onOver, onRemoved });
  const parts = { files, segments, writer, log, catalog, tokens, room };
  const upkeep: Upkeep = assembleUpkeep(options, parts, (maxEntries) => store.sweep(maxEntries));
  const markedUpToMs = restore({ recovered, catalog, tokens, reclaimer, memory });
  const flushed = () => writer.flushed();
  const sweeper = new Sweeper({ clock, catalog, tokens, flushed, markedUpToMs });
  for (const { entries } of catalog.all()) onEnding(entries, entries.table.earliestMs);
  const operations = new EntryOperations({ clock, catalog, log, writer, tokens, cache, memory, room });
  const store = new LogStore({ ...parts, ...upkeep, clock, lock, operations, sweeper, reclaimer, health });
  return { store, room, reclaimer, ...upkeep };
}

/** What looks after the log when nobody calls. */
interface Upkeep {
  readonly hints: HintWriter;
  readonly compactor: Compactor;
  readonly housekeeper: Housekeeper;
}

function assembleUpkeep(
  { segmentMaxBytes, compactionBytesPerSecond, onWarning }: CompleteOptions,
  parts: Omit<CompactionParts, "slackBytes">,
  sweep: HousekeeperOptions["sweep"],
): Upkeep {
  const { files, segments, writer, room, tokens } = parts;
  const hints = new HintWriter({ files, segments, room, isSealed: (segment) => writer.isSealed(segment) });
  const compactor = new Compactor(
    { ...parts, slackBytes: slackBytes(segmentMaxBytes) },
    compactionBytesPerSecond,
    (error) => onWarning(error as Error),
  );
  const dropAnswers = (maxAnswers: number) => tokens.sweepEarly(maxAnswers);
  return { hints, compactor, housekeeper: new Housekeeper({ room, compactor, sweep, dropAnswers }) };
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
