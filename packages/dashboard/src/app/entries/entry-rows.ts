import { type KeyPrefix, keyPrefix } from "@everdict/pickle";
import { decodeShownKey, decodeShownValue, formatValue, Undecodable } from "@everdict/pickle/show";
import type { Entry } from "@everdict/protocol";
import { keyText } from "./key-bytes.ts";
import type { OpenDict } from "./open-dict.ts";

/** An entry as a row shows it. Its value is not kept. */
export interface EntryRow {
  readonly key: Uint8Array;
  readonly keyText: string;
  readonly preview: string;
  readonly isUnreadable: boolean;
  readonly valueBytes: number;
}

/** Some rows, and where the next ones begin. */
export interface RowsPage {
  readonly rows: readonly EntryRow[];
  /** Undefined: these were the last. */
  readonly next: Uint8Array | undefined;
}

/** A larger value is not read for a preview. */
const previewMaxBytes = 64 * 1024;
const previewMaxLength = 200;
const pageRows = 100;
/** A prefix that few keys have may take many answers to find some. */
const answersMax = 50;

/** Reads rows from a cursor on; with a prefix only of texts that begin so. */
export async function readRows(
  { service, info }: OpenDict,
  prefix: string,
  after: Uint8Array | undefined,
): Promise<RowsPage> {
  const wanted = prefix === "" ? undefined : keyPrefix(prefix);
  const rows: EntryRow[] = [];
  let next = after;
  for (let answers = 0; answers < answersMax; answers++) {
    const request = { match: wanted?.patterns, after: next, limit: pageRows - rows.length, values: true };
    const page = await service.page(info.dictId, request);
    for (const entry of page.entries) if (isWanted(entry, wanted)) rows.push(rowOf(entry));
    next = page.next;
    if (next === undefined || rows.length >= pageRows) break;
  }
  return { rows, next };
}

function isWanted({ key }: Entry, prefix: KeyPrefix | undefined): boolean {
  return prefix === undefined || prefix.has(decodeShownKey(key));
}

/** The row of an entry. */
export function rowOf({ key, value }: Entry): EntryRow {
  const shown = { key, keyText: keyText(key), valueBytes: value.length };
  if (value.length > previewMaxBytes) return { ...shown, preview: "", isUnreadable: false };
  const read = decodeShownValue(value);
  const isUnreadable = read instanceof Undecodable;
  return {
    ...shown,
    preview: isUnreadable ? read.message : formatValue(read, { maxLength: previewMaxLength }),
    isUnreadable,
  };
}
