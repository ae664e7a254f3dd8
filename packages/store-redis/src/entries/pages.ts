/**
 * Pages of a dictionary's entries: shard by shard, and within a shard in the order of its keys (`key-order.ts`).
 *
 * **Exactly once.** Where a page begins is said by a key, not by a server's table. So an entry that is there throughout is on
 * exactly one page, whatever happens to servers, slots, tables and nodes in between.
 *
 * **Fresh.** Keys may have been looked at for an earlier page. Each page reads the entries that it shows.
 */

import { createHash } from "node:crypto";
import type { Entry, KeyPattern, Page, PageRequest, ValueRoom } from "@everdict/protocol";
import { bulkAnswerBytes } from "@everdict/store";
import { read } from "../context/commands.ts";
import type { StoreContext } from "../context/store-context.ts";
import type { DictDirectory } from "../registry/dict-directory.ts";
import type { OpenDict } from "../registry/open-dict.ts";
import type { BulkReads } from "./bulk-reads.ts";
import type { PlacedField } from "./key-order.ts";
import type { KeyWindow } from "./key-selection.ts";
import type { KeyWindows } from "./key-windows.ts";
import { ownedPatterns } from "./owned-entry.ts";
import { decodeCursor, encodeCursor, firstCursor, type PageCursor } from "./page-cursor.ts";

/** What pages are made with. */
export interface PagesOptions {
  readonly context: StoreContext;
  readonly directory: DictDirectory;
  readonly reads: BulkReads;
  readonly windows: KeyWindows;
}

/** Shards looked at together. */
const shardsAtOnce = 16;
/** About this many keys one page looks at, so that a page of few matches ends too. */
const looksAtMax = 100_000;
const nothing = new Uint8Array(0);

/** A page that is being made. */
interface OpenPage {
  readonly dict: OpenDict;
  readonly request: PageRequest;
  /** Stands for what keys must match. */
  readonly matchName: string;
  readonly room: ValueRoom | undefined;
  readonly entries: Entry[];
  /** How large they are. */
  bytes: number;
  /** How many keys were looked at for it. */
  looksAt: number;
  /** Where it ends so far. */
  cursor: PageCursor;
  isFull: boolean;
}

/** A key that may be shown. */
interface Candidate {
  readonly shard: number;
  readonly one: PlacedField;
}

/** Reads pages. */
export class Pages {
  readonly #options: PagesOptions;

  constructor(options: PagesOptions) {
    this.#options = options;
  }

  /** See `Store.page`. */
  page(dictId: string, { match, after, ...asked }: PageRequest, room?: ValueRoom): Promise<Page> {
    const request = { ...asked, match: ownedPatterns(match), after: after && Uint8Array.from(after) };
    return this.#options.directory.with(dictId, async (dict) => {
      const cursor = request.after === undefined ? firstCursor() : decodeCursor(dict, request.after);
      const page: OpenPage = {
        ...{ dict, request, matchName: nameOf(request.match), room, cursor },
        ...{ entries: [], bytes: 0, looksAt: 0, isFull: false },
      };
      while (!page.isFull && page.cursor.shard < dict.shards.length) await this.#addShards(page);
      const isOver = page.cursor.shard === dict.shards.length;
      return { entries: page.entries, next: isOver ? undefined : encodeCursor(dict, page.cursor) };
    });
  }

  /** Adds what is next, from as many shards as the page may need. */
  async #addShards(page: OpenPage): Promise<void> {
    const { request, cursor } = page;
    const windows = await this.#nextWindows(page);
    // One more than there is room for, which shows whether there are more.
    const found = candidatesIn(windows, cursor.shard, request.limit - page.entries.length + 1);
    const wanted = fitting(page, found);
    const shown = await this.#show(page, wanted);
    const last = found[shown - 1];
    if (shown === found.length && windows.every(({ isLast }) => isLast))
      page.cursor = { ...cursor, shard: cursor.shard + windows.length, position: undefined };
    else if (last !== undefined) page.cursor = { ...cursor, shard: last.shard, position: last.one };
    const isOutOfBytes = shown < wanted.length || page.bytes >= bulkAnswerBytes;
    page.isFull = isOutOfBytes || page.entries.length === request.limit || page.looksAt >= looksAtMax;
    for (let shard = cursor.shard; shard < page.cursor.shard; shard++)
      this.#options.windows.drop(windowName(page, shard));
  }

  /** The windows of the shards from the cursor on: enough for the rest of the page, if they have no expired entries. */
  async #nextWindows(page: OpenPage): Promise<KeyWindow[]> {
    const { dict, request, cursor } = page;
    const lengths = await Promise.all(
      dict.shards
        .slice(cursor.shard, cursor.shard + shardsAtOnce)
        .map(async ({ slot, key }) => Number(await read(this.#options.context.router, slot, ["HLEN", key]))),
    );
    // Each live shard has its meta field.
    if (lengths.includes(0)) await this.#options.directory.absent(dict);
    const keysWanted =
      request.match === undefined ? request.limit - page.entries.length : Number.POSITIVE_INFINITY;
    let keys = 0;
    let count = 0;
    do keys += lengths[count++]! - 1;
    while (count < lengths.length && keys < keysWanted && page.looksAt + keys + lengths[count]! < looksAtMax);
    page.looksAt += keys + count;
    return Promise.all(
      Array.from({ length: count }, (_, at) => {
        const shard = cursor.shard + at;
        const behind = at === 0 ? cursor.position : undefined;
        return this.#options.windows.get(windowName(page, shard), {
          ...{ dict, shard, behind },
          match: request.match,
        });
      }),
    );
  }

  /** Reads candidates and adds those that are live; returns how many of them fitted. */
  async #show(page: OpenPage, candidates: readonly Candidate[]): Promise<number> {
    const { dict, request, room, entries } = page;
    if (candidates.length === 0) return 0;
    const fields = candidates.map(({ one }) => one.field);
    const values = request.values
      ? await this.#options.reads.values(dict, fields, {
          room,
          maxBytes: Math.max(0, bulkAnswerBytes - page.bytes),
          atLeastOne: entries.length === 0,
        })
      : (await this.#options.reads.areLive(dict, fields)).map((isLive) => (isLive ? nothing : undefined));
    for (const [at, value] of values.entries()) {
      if (value === undefined) continue;
      const key = fields[at]!.subarray(1);
      entries.push({ key, value });
      page.bytes += key.length + value.length;
    }
    return values.length;
  }
}

/** The first keys in windows of shards from one on, as far as they follow each other. */
function candidatesIn(windows: readonly KeyWindow[], firstShard: number, max: number): Candidate[] {
  const found: Candidate[] = [];
  for (const [at, { fields, isLast }] of windows.entries()) {
    for (const one of fields) {
      if (found.length === max) return found;
      found.push({ shard: firstShard + at, one });
    }
    if (!isLast) break;
  }
  return found;
}

/** Those of them for which the page has room, if they are all live: at least one. */
function fitting({ request, entries, bytes }: OpenPage, found: readonly Candidate[]): readonly Candidate[] {
  const count = Math.min(found.length, request.limit - entries.length);
  let left = bulkAnswerBytes - bytes;
  let fits = 0;
  while (fits < count && (left > 0 || fits === 0)) left -= found[fits++]!.one.field.length;
  return found.slice(0, fits);
}

/** What the window on a shard is called for this iteration. */
function windowName({ dict, cursor, matchName }: OpenPage, shard: number): string {
  return `${dict.id} ${cursor.iteration} ${shard} ${matchName}`;
}

function nameOf(match: readonly KeyPattern[] | undefined): string {
  if (match === undefined) return "";
  const hash = createHash("sha256");
  for (const pattern of match) {
    for (const { offset, bytes } of pattern) hash.update(`${offset} ${bytes.length} `).update(bytes);
    hash.update(";");
  }
  return hash.digest("base64");
}
