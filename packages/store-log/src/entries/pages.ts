import { type Entry, keysInOneTurn, type Page, type PageRequest, type ValueRoom } from "@everdict/protocol";
import { bulkAnswerBytes, type Clock } from "@everdict/store";
import { isLive } from "../index/key-state.ts";
import type { KeyTable } from "../index/key-table.ts";
import { hashEnd, windowCells } from "../index/slot-index.ts";
import { readValue } from "../index/value-source.ts";
import { KeyMatcher } from "./key-matcher.ts";
import type { LogDict } from "./log-dict.ts";
import { firstPlace, type PageOrder, type PagePlace } from "./page-order.ts";
import { TimedSlice } from "./timed-slice.ts";

// A page in which little matches ends after so many keys, so that no call takes many seconds.
const looksAtMax = 2 ** 20;
const noBytes = new Uint8Array(0);

export interface PageOptions {
  readonly request: PageRequest;
  /** Where room for large values is reserved. */
  readonly room?: ValueRoom | undefined;
  readonly clock: Clock;
  readonly order: PageOrder;
  /** The dictionary. @throws `dict_not_found` or `store_closed`, from the moment when that is so */
  open(): LogDict;
}

/** A slot whose entry belongs on the page if there is room. */
interface Found {
  readonly slot: number;
  /** Of its key, unsigned. */
  readonly hash: number;
}

/** Reads a page. @throws `invalid_argument` for a cursor that is not this store's */
export async function readPage(options: PageOptions): Promise<Page> {
  return new PageWalk(options).read();
}

/**
 * A walk through a table in the order of pages, by windows of hashes.
 *
 * Whenever others had a turn, the table may have changed in any way. All that is carried over is a place in the order, and
 * the walk goes on with what is there by then. Another table means that the dictionary was cleared: what was there
 * before is gone, and does not show.
 */
class PageWalk {
  readonly #options: PageOptions;
  readonly #slice = new TimedSlice();
  readonly #matcher: KeyMatcher | undefined;
  readonly #windowCells: number;
  #table: KeyTable;
  #place: PagePlace;
  /** What was taken last; the place is behind it. Undefined: the place is right. */
  #last: { readonly hash: number; readonly key: Uint8Array } | undefined;
  #entries: Entry[] = [];
  #bytes = 0;
  #looked = 0;

  constructor(options: PageOptions) {
    const { order, request, open } = options;
    this.#options = options;
    this.#matcher = request.match && new KeyMatcher(request.match);
    this.#windowCells = keysInOneTurn(request.match, windowCells);
    this.#table = open().entries.table;
    this.#place = request.after === undefined ? firstPlace : order.placeOf(request.after);
  }

  async read(): Promise<Page> {
    const { limit } = this.#options.request;
    for (;;) {
      const { found, end } = this.#look();
      const taken = await this.#take(found);
      if (taken === "untilFull") return this.#page();
      if (taken === "untilOthers") continue;
      if (end === hashEnd) return { entries: this.#entries, next: undefined };
      this.#last = undefined;
      this.#place = { hash: end, tie: 0 };
      if (this.#entries.length >= limit || this.#looked >= looksAtMax) return this.#page();
      if (this.#slice.isOver) await this.#letOthers();
    }
  }

  /** What is in the window that begins at the place, in order. */
  #look(): { readonly found: readonly Found[]; readonly end: number } {
    const { order, clock } = this.#options;
    const place = this.#currentPlace();
    const nowMs = clock();
    const found: Found[] = [];
    const visit = (slot: number, hash: number) => {
      this.#looked++;
      const state = this.#table.at(slot);
      // The key first: slots come in no order of memory, and a live one that does not match costs one look less.
      if (this.#matcher?.matches(state) === false) return;
      if (!isLive(state, nowMs)) return;
      if (hash === place.hash && place.tie > 0 && order.tieOf(state.key()) < place.tie) return;
      found.push({ slot, hash });
    };
    const end = this.#table.visitWindow(place.hash, visit, this.#windowCells);
    const tieOf = ({ slot }: Found) => order.tieOf(this.#table.at(slot).key());
    found.sort((one, other) => one.hash - other.hash || tieOf(one) - tieOf(other));
    return { found, end };
  }

  /** Puts what fits on the page, until others have had a turn: then the rest may not be there any more. */
  async #take(found: readonly Found[]): Promise<"all" | "untilFull" | "untilOthers"> {
    const { request, room } = this.#options;
    for (const { slot, hash } of found) {
      const state = this.#table.at(slot);
      if (!this.#fits(state.keyLength + (request.values ? state.valueLength : 0))) return "untilFull";
      const key = state.key();
      this.#last = { hash, key };
      const value = request.values ? readValue(state, undefined, room) : noBytes;
      if (value instanceof Promise) {
        const table = this.#table;
        const read = await value;
        this.#seeTable();
        if (this.#table === table) this.#add({ key, value: read });
        return "untilOthers";
      }
      this.#add({ key, value });
      if (!this.#slice.isOver) continue;
      await this.#letOthers();
      return "untilOthers";
    }
    return "all";
  }

  #fits(bytes: number): boolean {
    if (this.#entries.length >= this.#options.request.limit) return false;
    return this.#entries.length === 0 || this.#bytes + bytes <= bulkAnswerBytes;
  }

  #add(entry: Entry): void {
    this.#entries.push(entry);
    this.#bytes += entry.key.length + entry.value.length;
  }

  async #letOthers(): Promise<void> {
    await this.#slice.next();
    this.#seeTable();
  }

  #seeTable(): void {
    const { table } = this.#options.open().entries;
    if (table === this.#table) return;
    this.#table = table;
    this.#entries = [];
    this.#bytes = 0;
  }

  #currentPlace(): PagePlace {
    if (this.#last !== undefined) this.#place = this.#options.order.behind(this.#last.hash, this.#last.key);
    this.#last = undefined;
    return this.#place;
  }

  #page(): Page {
    return { entries: this.#entries, next: this.#options.order.cursorOf(this.#currentPlace()) };
  }
}
