import { createError, keysInOneTurn, matchesKey, type Page, type PageRequest } from "@everdict/protocol";
import type { MemoryDict, MemoryEntry } from "./memory-dict.ts";
import { bulkAnswerBytes } from "./store.ts";

const cursorBytes = 8;
/** How many entries one page looks at, so that a page of few matches ends too; fewer if patterns are large. */
const looksAtMax = 20_000;
const nothing = new Uint8Array(0);

/**
 * Live entries in the order in which they were created, from behind the cursor on. The cursor is the ordinal of the last
 * entry that was looked at.
 */
export function pageOf(dict: MemoryDict, request: PageRequest, nowMs: number): Page {
  const { match, after, limit, values } = request;
  const walk = dict.walk(after && ordinalIn(after, dict));
  const entries: { key: Uint8Array; value: Uint8Array }[] = [];
  let bytes = 0;
  let looksAt = 0;
  const looksAtEnd = keysInOneTurn(match, looksAtMax);
  let last: MemoryEntry | undefined;
  for (let entry = walk.peek(); entry !== undefined; entry = walk.peek()) {
    const value = values ? entry.value : nothing;
    const entryBytes = entry.key.length + value.length;
    const isFull = entries.length > 0 && bytes + entryBytes > bulkAnswerBytes;
    if (last !== undefined && (entries.length === limit || looksAt === looksAtEnd || isFull)) {
      dict.walks.keep(last.ordinal, walk, nowMs);
      return { entries, next: cursorAt(last.ordinal) };
    }
    walk.skip();
    last = entry;
    looksAt++;
    if (entry.expiresAtMs <= nowMs || !matchesKey(match, entry.key)) continue;
    entries.push({ key: entry.key, value });
    bytes += entryBytes;
  }
  return { entries, next: undefined };
}

/** The values of the first keys: of one at least, and until they are about `bulkAnswerBytes`. Counts as use. */
export function firstValues(
  dict: MemoryDict,
  keys: readonly Uint8Array[],
  nowMs: number,
): (Uint8Array | undefined)[] {
  const values: (Uint8Array | undefined)[] = [];
  let bytes = 0;
  for (const key of keys) {
    const entry = dict.find(key, nowMs);
    bytes += entry?.value.length ?? 0;
    if (bytes > bulkAnswerBytes && values.length > 0) break;
    values.push(dict.use(key, nowMs)?.value);
  }
  return values;
}

function cursorAt(ordinal: number): Uint8Array {
  const cursor = new Uint8Array(cursorBytes);
  new DataView(cursor.buffer).setFloat64(0, ordinal);
  return cursor;
}

function ordinalIn(cursor: Uint8Array, dict: MemoryDict): number {
  if (cursor.length === cursorBytes) {
    const ordinal = new DataView(cursor.buffer, cursor.byteOffset, cursorBytes).getFloat64(0);
    if (Number.isSafeInteger(ordinal) && ordinal >= 0 && ordinal < dict.entriesEver) return ordinal;
  }
  throw createError("invalid_argument", "the cursor is not one of this dictionary");
}
