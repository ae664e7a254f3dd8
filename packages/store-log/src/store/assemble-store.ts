/**
 * Makes the parts of a log store, and connects them.
 *
 * Each part is made after the parts that it calls. A few calls go the other way: the writer, which is made first, tells
 * the catalog to forget what was not written. `connect` sets those when all parts exist. From recovery to there
 * everything runs in one turn of the event loop, so none of these calls can come earlier.
 */

import type { EverdictError } from "@everdict/protocol";
import { KeyHasher } from "../bytes/key-hasher.ts";
import { Compactor } from "../compaction/compactor.ts";
import { HintWriter } from "../compaction/hint-writer.ts";
import { Housekeeper } from "../compaction/housekeeper.ts";
import { Commits } from "../entries/commits.ts";
import { DictCatalog } from "../entries/dict-catalog.ts";
import type { DictEntries } from "../entries/dict-entries.ts";
import { EntryDeadlines } from "../entries/entry-deadlines.ts";
import { EntryLog } from "../entries/entry-log.ts";
import { EntryOperations } from "../entries/entry-operations.ts";
import { PageOrder } from "../entries/page-order.ts";
import { Reclaimer } from "../entries/reclaimer.ts";
import { answersMax, RecordedAnswers } from "../entries/recorded-answers.ts";
import { RemovalsInBulk } from "../entries/removals-in-bulk.ts";
import { Sweeper } from "../entries/sweeper.ts";
import type { DirectoryLock } from "../files/files.ts";
import type { HealthWatch } from "../files/health-watch.ts";
import type { KeySecret } from "../files/key-secret.ts";
import { EntryMemory } from "../index/entry-memory.ts";
import type { KeyTable } from "../index/key-table.ts";
import { ValueCache } from "../index/value-cache.ts";
import { DiskRoom } from "../log/disk-room.ts";
import { FlushPath } from "../log/flush-path.ts";
import { LogWriter } from "../log/log-writer.ts";
import { type RecoveredLog, recoverLog } from "../recovery/recovery.ts";
import { slackBytes } from "../segments/segment-bytes.ts";
import { SegmentSet } from "../segments/segment-set.ts";
import { adoptRecovered } from "./adopt-recovered.ts";
import { LogStore, type LogStoreParts } from "./log-store.ts";
import type { CompleteOptions } from "./options.ts";

/** What a store is opened with. */
export interface Opening {
  readonly options: CompleteOptions;
  readonly lock: DirectoryLock;
  readonly health: HealthWatch;
  readonly secret: KeySecret;
}

/** A store, and those of its parts that it is opened with. */
export interface AssembledStore {
  readonly store: LogStore;
  readonly room: DiskRoom;
  readonly reclaimer: Reclaimer;
  readonly compactor: Compactor;
  readonly hints: HintWriter;
  readonly housekeeper: Housekeeper;
}

/**
 * Recovers a log and makes a store of it. Nothing is written.
 *
 * @param settle - awaited when the log was recovered, before there is anybody who may write
 */
export async function assembleStore(
  { options, lock, health, secret }: Opening,
  settle: (recovered: RecoveredLog) => Promise<void>,
): Promise<AssembledStore> {
  const { files, directory, clock, segmentMaxBytes, recordedAnswersMaxBytes: budgetBytes } = options;
  const cache = new ValueCache(options.valueCacheMaxBytes);
  const segments = new SegmentSet(directory);
  const hasher = new KeyHasher(secret.hashes);
  const memory = new EntryMemory(segments, cache, options.memoryMaxBytes, hasher);
  const recovered = await recoverLog({ files, directory, memory, answersMax: answersMax(budgetBytes) });
  await settle(recovered);

  const { lastSequence } = recovered;
  const flushPath = new FlushPath(options.flushPath);
  const room = new DiskRoom({ files, segments, segmentMaxBytes });
  const nowMs = clock();
  const writer = new LogWriter({ files, segments, segmentMaxBytes, room, flushPath, lastSequence, nowMs });
  const answers = new RecordedAnswers({ clock, budgetBytes, memory });
  const deadlines = new EntryDeadlines();
  const onEnding = (dict: DictEntries, endMs: number) => deadlines.expect(dict, endMs);
  const log = new EntryLog({ writer, cache, onEnding });
  const reclaimer = new Reclaimer();
  const onOver = (table: KeyTable) => {
    cache.forgetTable(table);
    reclaimer.add(table.discard());
  };
  const onRemoved = (entries: DictEntries) => deadlines.forget(entries);
  const catalog = new DictCatalog({ clock, log, writer, answers, memory, room, onOver, onRemoved });
  memory.onAnswerDropped = answers.dropped;
  const markedUpToMs = adoptRecovered({ recovered, catalog, answers, reclaimer, memory });
  for (const { entries } of catalog.all()) deadlines.expect(entries, entries.table.earliestMs);
  const entryParts = { clock, catalog, log, writer, answers, cache, memory, room };
  const operations = new EntryOperations(entryParts);
  const commits = new Commits(entryParts);

  const removals = new RemovalsInBulk({ clock, catalog, log, writer, answers, room });
  const order = new PageOrder(secret);

  const flushed = () => writer.flushed();
  const sweeper = new Sweeper({ clock, catalog, answers, deadlines, flushed, markedUpToMs });
  const hints = new HintWriter({ files, segments, room, isSealed: (segment) => writer.isSealed(segment) });
  const compactor = new Compactor(
    { files, segments, writer, log, catalog, answers, room, slackBytes: slackBytes(segmentMaxBytes) },
    options.compactionBytesPerSecond,
    (error) => options.onWarning(error as Error),
  );
  const housekeeper = new Housekeeper({ room, compactor, sweeper, answers });
  const upkeep = { room, reclaimer, compactor, hints, housekeeper };
  const parts = {
    ...upkeep,
    clock,
    lock,
    segments,
    catalog,
    operations,
    commits,
    removals,
    order,
    sweeper,
    writer,
    health,
  };
  const store = new LogStore(parts);
  connect({ ...parts, answers, store, onFailure: options.onFailure });
  return { store, ...upkeep };
}

interface Connected extends LogStoreParts {
  readonly answers: RecordedAnswers;
  readonly store: LogStore;
  readonly onFailure: (error: EverdictError) => void;
}

/** Says what parts that were made first tell those that were made later. */
function connect(parts: Connected): void {
  const { writer, room, reclaimer, catalog, answers, store, compactor, hints, housekeeper } = parts;
  writer.onRewind = () => {
    catalog.rewind();
    answers.rewind();
  };
  writer.onFailure = (error) => {
    store.fail(error);
    parts.onFailure(error);
  };
  writer.onSealed = () => {
    compactor.consider();
    hints.consider();
  };
  reclaimer.onDone = () => compactor.consider();
  room.onChange = (isFull) => {
    housekeeper.start();
    parts.health.onFull(isFull);
  };
}
