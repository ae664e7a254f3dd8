/**
 * Streams of a dictionary's entries, shard by shard, some shards at a time.
 *
 * **Exactly once.** A scan by cursor shows an entry that is there throughout at least once, and may show it twice while
 * its table is resized. So the stream remembers the keys that it has shown of a shard while it reads that shard. A
 * cursor is worth nothing on another connection: a promoted replica, a restarted server and a slot's new owner have
 * other tables. Then the stream begins the shard again and leaves out what it has shown.
 *
 * **Fresh.** Nothing is read ahead of the consumer. Each step reads the entries that it shows, and checks whether they
 * are still live. So cleared and expired entries do not show any more.
 *
 * **Flat memory.** Steps are bounded in entries and, by asking for fewer where values are large, roughly in bytes;
 * large values are fetched one step at a time.
 */

import { createHash } from "node:crypto";
import {
  type ContentsParts,
  type Entry,
  type KeyPattern,
  matchesKey,
  type ValueRoom,
} from "@everdict/protocol";
import type { Answer } from "../cluster/call.ts";
import { foreignEntry } from "../context/data-loss.ts";
import type { StoreContext } from "../context/store-context.ts";
import { isEntry, isLive, isPointer, pointerIn, valueIn } from "../formats/entry-header.ts";
import type { DictDirectory } from "../registry/dict-directory.ts";
import type { OpenDict } from "../registry/open-dict.ts";
import type { Argument } from "../resp/command-writer.ts";
import type { EntryReader } from "./entry-reader.ts";
import { keyGlob } from "./key-glob.ts";

/** Shards read at a time; times `countMax`, and some, this stays below the largest batch. */
const shardsAtOnce = 3;
const countFirst = 64;
const countMin = 10;
const countMax = 1_000;
const batchMaxEntries = 4_096;
/** What one step should read from a shard. */
const stepBytes = 1024 * 1024;
/** A step carries about this many bytes of large values. */
const largeStepBytes = 8 * 1024 * 1024;
const keptKeyMaxBytes = 32;

/** What `contentsOf` needs. */
export interface ContentsOptions {
  readonly context: StoreContext;
  readonly directory: DictDirectory;
  readonly reader: EntryReader;
  readonly dict: OpenDict;
  /** Which parts of which entries the stream carries. */
  readonly parts: ContentsParts;
  /** Where room for large values is reserved. */
  readonly room: ValueRoom | undefined;
  /** Called at each step. @throws `store_closed` */
  readonly checkOpen: () => void;
}

/** The position in one shard. */
interface ShardScan {
  readonly shard: number;
  cursor: string;
  count: number;
  /** Of a field and its entry; 0: not known yet. */
  averageBytes: number;
  connectionId: number | undefined;
  readonly shown: Set<string>;
  done: boolean;
}

/** What keys must match, for this node and for the servers. */
interface Filter {
  readonly patterns: readonly KeyPattern[];
  readonly glob: Buffer;
}

interface Found {
  readonly shard: number;
  readonly field: Buffer;
  readonly entry: Buffer;
}

/** Streams live entries. @throws `dict_not_found`, `data_loss`, `store_closed` */
export async function* contentsOf(options: ContentsOptions): AsyncGenerator<readonly Entry[]> {
  const { dict, context, parts } = options;
  const filter = parts.match && { patterns: parts.match, glob: keyGlob(parts.match) };
  let nextShard = 0;
  let scans: ShardScan[] = [];
  let rest: Found[] = [];
  for (;;) {
    options.checkOpen();
    while (scans.length < shardsAtOnce && nextShard < dict.shards.length) scans.push(newScan(nextShard++));
    if (rest.length === 0) {
      if (scans.length === 0) return;
      rest = (await Promise.all(scans.map((scan) => step(options, filter, scan)))).flat();
      scans = scans.filter((scan) => !scan.done);
      options.checkOpen();
    }
    const taken = takeStep(rest, context.clock());
    const batch = await shownEntries(options, rest.slice(0, taken.count), taken.pointers > 0);
    rest = taken.count === rest.length ? [] : rest.slice(taken.count);
    if (batch.length > 0) yield batch;
  }
}

/** How many of what was found go into this step, and how many of them are large. */
function takeStep(
  found: readonly Found[],
  nowMs: number,
): { readonly count: number; readonly pointers: number } {
  let bytes = 0;
  let pointers = 0;
  let count = 0;
  while (count < found.length && count < batchMaxEntries && bytes < largeStepBytes) {
    const { entry } = found[count++]!;
    const pointer = pointerIn(entry);
    if (pointer === undefined || !isLive(entry, nowMs)) continue;
    pointers++;
    bytes += pointer.bytes;
  }
  return { count, pointers };
}

/** The live ones as they are shown. */
async function shownEntries(
  { parts, reader, dict, context, room }: ContentsOptions,
  found: readonly Found[],
  hasPointers: boolean,
): Promise<Entry[]> {
  const nowMs = context.clock();
  const shown: Entry[] = [];
  const fetching: Promise<void>[] = [];
  for (const { shard, field, entry } of found) {
    if (!isLive(entry, nowMs)) continue;
    const key = parts.keys ? field.subarray(1) : nothing;
    if (!parts.values) shown.push({ key, value: nothing });
    else if (!hasPointers || !isPointer(entry)) shown.push({ key, value: valueIn(entry) });
    else {
      const fetched = reader.peek(dict, shard, field, room).then((value) => {
        // Removed meanwhile, if there is none.
        if (value !== undefined) shown.push({ key, value });
      });
      fetching.push(fetched);
    }
  }
  await Promise.all(fetching);
  return shown;
}

const nothing = new Uint8Array(0);

function newScan(shard: number): ShardScan {
  return {
    ...{ shard, cursor: "0", count: countFirst, averageBytes: 0 },
    ...{ connectionId: undefined, shown: new Set(), done: false },
  };
}

/** Reads the next part of a shard. */
async function step(
  { context, directory, dict }: ContentsOptions,
  filter: Filter | undefined,
  scan: ShardScan,
): Promise<Found[]> {
  const { router, clock, counters } = context;
  const { slot, key } = dict.shards[scan.shard]!;
  const ask = (command: readonly Argument[]): Promise<Answer> =>
    router.ask({ slot, command, writes: false, durable: false });
  // The first part comes whole, since it shows how large entries are.
  const isFiltered = filter !== undefined && scan.averageBytes > 0;
  const glob = isFiltered ? ["MATCH", filter.glob] : [];
  const [meta, answer] = await Promise.all([
    ask(["HGET", key, "m"]),
    ask(["HSCAN", key, scan.cursor, "COUNT", scan.count, ...glob]),
  ]);
  if (!directory.isLive(dict, meta.reply, clock())) return await directory.absent(dict);
  if (scan.connectionId !== undefined && scan.connectionId !== answer.connectionId) {
    counters.scanRestarts++;
    scan.cursor = "0";
    scan.connectionId = undefined;
    return [];
  }
  scan.connectionId = answer.connectionId;
  const [cursor, fields] = answer.reply as [Buffer, Buffer[]];
  scan.cursor = cursor.toString();
  scan.done = scan.cursor === "0";
  if (!isFiltered) scan.averageBytes = averageOf(fields);
  scan.count = Math.max(
    countMin,
    Math.min(countMax, 2 * scan.count, Math.floor(stepBytes / scan.averageBytes)),
  );
  const found = newOnes(scan, fields, filter?.patterns);
  if (!found.every(({ entry }) => isEntry(entry))) throw foreignEntry(context, dict);
  return found;
}

/** How many bytes a field and its entry have together, at least 1. */
function averageOf(fields: readonly Buffer[]): number {
  const bytes = fields.reduce((sum, { length }) => sum + length, 1);
  return (2 * bytes) / Math.max(2, fields.length);
}

/** The entries among fields and values that are wanted and were not shown before. */
function newOnes(
  scan: ShardScan,
  fields: readonly Buffer[],
  patterns: readonly KeyPattern[] | undefined,
): Found[] {
  const found: Found[] = [];
  for (let index = 0; index < fields.length; index += 2) {
    const field = fields[index]!;
    if (field[0] !== 107) continue;
    if (patterns !== undefined && !matchesKey(patterns, field.subarray(1))) continue;
    const mark = markOf(field);
    if (scan.shown.has(mark)) continue;
    scan.shown.add(mark);
    found.push({ shard: scan.shard, field, entry: fields[index + 1]! });
  }
  return found;
}

/** What stands for a key among those shown: itself, or its hash if it is long. */
function markOf(field: Buffer): string {
  if (field.length <= keptKeyMaxBytes) return field.toString("latin1");
  return createHash("sha256").update(field).digest().toString("latin1");
}
