/** Makes the parts of a store on an open router, each after those that it calls. */

import type { Entry } from "@everdict/protocol";
import { RecordedAnswers } from "../answers/recorded-answers.ts";
import { loosely, send } from "../context/commands.ts";
import type { StoreContext } from "../context/store-context.ts";
import { BulkReads } from "../entries/bulk-reads.ts";
import { BulkRemoval } from "../entries/bulk-removal.ts";
import { Commits } from "../entries/commits.ts";
import { Entries } from "../entries/entries.ts";
import { EntryReader } from "../entries/entry-reader.ts";
import { KeyWindows } from "../entries/key-windows.ts";
import { ownedEntry } from "../entries/owned-entry.ts";
import { Pages } from "../entries/pages.ts";
import { ShardScripts } from "../entries/shard-scripts.ts";
import { DictChanges } from "../registry/dict-changes.ts";
import { DictCreation } from "../registry/dict-creation.ts";
import { DictDirectory } from "../registry/dict-directory.ts";
import { DictEnds } from "../registry/dict-ends.ts";
import { DictRecords } from "../registry/dict-records.ts";
import { Environments } from "../registry/environments.ts";
import type { OpenDict } from "../registry/open-dict.ts";
import { Schedule } from "../registry/schedule.ts";
import { Sweeper } from "../sweeping/sweeper.ts";

/** What the parts are made with. */
export interface AssemblyOptions {
  readonly context: StoreContext;
  readonly recordedAnswersMaxBytes: number;
  readonly shardsOf: (dict: { readonly name: string }) => number;
}

/** The parts that calls on a store go to. */
export type StoreParts = ReturnType<typeof assembleStore>;

/** Makes them. */
export function assembleStore({ context, recordedAnswersMaxBytes, shardsOf }: AssemblyOptions) {
  const { router, clock } = context;
  const answers = new RecordedAnswers(clock, recordedAnswersMaxBytes, ({ slot, key }) => {
    // Best effort: a record that stays ends by itself.
    send(router, slot, ["UNLINK", key], loosely).catch(() => {});
  });
  const environments = new Environments(context);
  const schedule = new Schedule(context);
  const directory = new DictDirectory(context, environments, schedule);
  const records = new DictRecords(context, environments, directory);
  const ends = new DictEnds({ context, environments, schedule, directory });
  const changes = new DictChanges({ context, directory, records, schedule });
  const reader = new EntryReader(context, directory);
  const scripts = new ShardScripts({ context, directory, schedule, answers });
  const entries = new Entries({ context, directory, reader, scripts });
  const commits = new Commits({ context, directory, scripts });
  const bulkReads = new BulkReads(context, directory, reader);
  const windows = new KeyWindows(context, directory);
  const pages = new Pages({ context, directory, reads: bulkReads, windows });
  const bulkRemoval = new BulkRemoval({ context, directory, answers, scripts });
  const fill = async (dict: OpenDict, data: readonly Entry[]): Promise<void> => {
    if (data.length > 0) await entries.writeAll(dict, data.map(ownedEntry));
  };
  const creation = new DictCreation({ context, records, ends, answers, shardsOf, fill });
  const sweeper = new Sweeper({ context, environments, schedule, directory, ends });
  return {
    ...{ context, answers, environments, schedule, directory, records, changes },
    ...{ ends, reader, entries, commits, bulkReads, bulkRemoval, pages, creation, sweeper },
  };
}
