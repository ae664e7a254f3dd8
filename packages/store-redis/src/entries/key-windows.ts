/**
 * Windows on the keys of a shard: the first so many behind a place, in the order of the shard.
 *
 * No server has keys in an order that lasts. So a window costs a look at all keys of the shard, and the node keeps it until its
 * iteration has passed it. A window that is kept is only a saving: without it, on another node for instance, the keys are
 * looked at again. What is kept was read after its iteration began, so an entry that is there throughout is in it.
 */

import type { KeyPattern } from "@everdict/protocol";
import type { Answer } from "../cluster/call.ts";
import { type StoreContext, wholeMs } from "../context/store-context.ts";
import type { DictDirectory } from "../registry/dict-directory.ts";
import type { OpenDict } from "../registry/open-dict.ts";
import { fieldsScript } from "../scripts/bulk-scripts.ts";
import { keyGlob } from "./key-glob.ts";
import { comparePositions, isBehind, type PlacedField, type Position } from "./key-order.ts";
import { KeySelection, type KeyWindow } from "./key-selection.ts";

/** What a window is of. */
export interface WindowRequest {
  readonly dict: OpenDict;
  readonly shard: number;
  readonly match: readonly KeyPattern[] | undefined;
  /** Undefined: from the beginning of the shard. */
  readonly behind: Position | undefined;
}

interface KeptWindow extends KeyWindow {
  readonly behind: Position | undefined;
  /** How much memory it takes. */
  readonly bytes: number;
}

/** How far a look at a shard has come. */
interface Scan {
  readonly cursor: string;
  /** How many keys the next step looks at. */
  readonly count: number;
  /** Of a key and its entry; 0: not known yet. */
  readonly averageBytes: number;
  /** Which connection the cursor is of. */
  readonly connectionId: number | undefined;
}

const keptMaxBytes = 64 * 1024 * 1024;
/** A window that is being read takes up to 16 MiB. */
const readersMax = 16;

const countFirst = 64;
const countMin = 10;
const countMax = 1_000;
/** What a server should look at in one step. */
const stepBytes = 1024 * 1024;

/** Reads windows, and keeps some. */
export class KeyWindows {
  readonly #context: StoreContext;
  readonly #directory: DictDirectory;
  readonly #kept = new Map<string, KeptWindow>();
  #keptBytes = 0;
  /** The windows being read, for repeats of a page. */
  readonly #reading = new Map<string, { behind: Position | undefined; window: Promise<KeptWindow> }>();
  #readers = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(context: StoreContext, directory: DictDirectory) {
    this.#context = context;
    this.#directory = directory;
  }

  /** The window behind a place: the rest of the kept one of that name if it has the place, or a new one, which is kept. */
  async get(name: string, request: WindowRequest): Promise<KeyWindow> {
    const { behind } = request;
    const kept = this.#kept.get(name);
    if (kept !== undefined && covers(kept, behind)) {
      this.#keep(name, kept);
      return { fields: fieldsBehind(kept.fields, behind), isLast: kept.isLast };
    }
    const reading = this.#reading.get(name);
    if (reading !== undefined && isSamePlace(reading.behind, behind)) return reading.window;
    const window = this.#readInTurn(request);
    const own = { behind, window };
    this.#reading.set(name, own);
    try {
      this.#keep(name, await window);
    } finally {
      if (this.#reading.get(name) === own) this.#reading.delete(name);
    }
    return window;
  }

  /** Reads a window when few others are being read, since each takes memory. */
  async #readInTurn(request: WindowRequest): Promise<KeptWindow> {
    // Who gets a turn from another has been counted already.
    if (this.#readers < readersMax) this.#readers++;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await this.#read(request);
    } finally {
      const next = this.#waiting.shift();
      if (next !== undefined) next();
      else this.#readers--;
    }
  }

  /** Forgets a window. */
  drop(name: string): void {
    const kept = this.#kept.get(name);
    if (kept === undefined) return;
    this.#kept.delete(name);
    this.#keptBytes -= kept.bytes;
  }

  /** Keeps a window, as the youngest. */
  #keep(name: string, window: KeptWindow): void {
    this.drop(name);
    this.#kept.set(name, window);
    this.#keptBytes += window.bytes;
    for (const oldest of this.#kept.keys()) {
      if (this.#keptBytes <= keptMaxBytes) break;
      this.drop(oldest);
    }
  }

  /** Looks at all keys of a shard. */
  async #read({ dict, shard, match, behind }: WindowRequest): Promise<KeptWindow> {
    const selection = new KeySelection(match, behind);
    const all = keyGlob(undefined);
    const wanted = match === undefined ? all : keyGlob(match);
    let scan: Scan = { cursor: "0", count: countFirst, averageBytes: 0, connectionId: undefined };
    do {
      // The first step is for all keys, since it shows how large entries are.
      const pattern = scan.averageBytes > 0 ? wanted : all;
      const { reply, connectionId } = await this.#step(dict, shard, scan, pattern);
      if (!Array.isArray(reply)) return await this.#directory.absent(dict);
      if (scan.connectionId !== undefined && scan.connectionId !== connectionId) {
        // Another server has another table: its keys are looked at from the beginning.
        this.#context.counters.scanRestarts++;
        scan = { ...scan, cursor: "0", connectionId: undefined };
        continue;
      }
      const [cursor, fields, bytes] = reply as [Buffer, Buffer[], number];
      for (const field of fields) selection.add(field);
      const averageBytes = pattern === all ? (bytes + 1) / Math.max(1, fields.length) : scan.averageBytes;
      const countThen = Math.min(countMax, 2 * scan.count, Math.floor(stepBytes / averageBytes));
      const count = Math.max(countMin, countThen);
      scan = { cursor: cursor.toString(), count, averageBytes, connectionId };
    } while (scan.cursor !== "0" || scan.connectionId === undefined);
    return { ...selection.end(), behind };
  }

  #step(dict: OpenDict, shard: number, { cursor, count }: Scan, pattern: Buffer): Promise<Answer> {
    const { slot, key } = dict.shards[shard]!;
    const command = [1, key, wholeMs(this.#context), cursor, count, pattern];
    return this.#context.router.ask({
      ...{ slot, script: fieldsScript, command },
      ...{ writes: false, durable: false },
    });
  }
}

function isSamePlace(one: Position | undefined, other: Position | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return comparePositions(one, other) === 0;
}

/** Whether a window was read from before a place, and goes beyond it. */
function covers({ behind, fields, isLast }: KeptWindow, place: Position | undefined): boolean {
  const isFromBefore = behind === undefined || (place !== undefined && comparePositions(behind, place) <= 0);
  const last = fields.at(-1);
  return isFromBefore && (isLast || (last !== undefined && isBehind(last, place)));
}

/** The fields behind a place. */
function fieldsBehind(fields: readonly PlacedField[], place: Position | undefined): readonly PlacedField[] {
  let low = 0;
  let high = fields.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBehind(fields[middle]!, place)) high = middle;
    else low = middle + 1;
  }
  return low === 0 ? fields : fields.slice(low);
}
