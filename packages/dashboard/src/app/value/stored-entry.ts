import { decodeShownValue, Undecodable } from "@everdict/pickle/show";
import type { FoundEntry, Version } from "@everdict/protocol";
import { type OpenDict, openDict } from "../entries/open-dict.ts";
import { isPlainJson } from "../entries/plain-json.ts";

/** An entry as it was when it was read. */
export interface StoredEntry {
  readonly key: Uint8Array;
  readonly opened: OpenDict;
  /** Undefined: there is no such entry. */
  readonly found: FoundEntry | undefined;
}

/** Reads an entry. That counts as use, as any read does. */
export async function readEntry(environment: string, dict: string, key: Uint8Array): Promise<StoredEntry> {
  const opened = await openDict(environment, dict);
  return { key, opened, found: await opened.service.entry(opened.info.dictId, key) };
}

/** The text by which a value is edited; undefined if JSON cannot say all that it holds. */
export function editableText(value: Uint8Array): string | undefined {
  const read = decodeShownValue(value);
  if (read instanceof Undecodable || !isPlainJson(read)) return undefined;
  return JSON.stringify(read, undefined, 2);
}

/** How a write under a condition ended: it was done, or the entry is now this one; undefined: it is gone. */
export type WriteOutcome = "written" | { readonly now: FoundEntry | undefined };

/**
 * Writes a value if the entry still has a version (`absent`: if there is none), so that nothing is overwritten in silence.
 * As after any write, the dictionary's policy says when it ends.
 */
export function writeIfUnchanged(
  { key, opened }: StoredEntry,
  value: Uint8Array,
  expected: Version | "absent",
): Promise<WriteOutcome> {
  return commit(opened, key, { conditions: [{ key, expected }], changes: [{ kind: "put", key, value }] });
}

/** Removes an entry if it still has a version. */
export function removeIfUnchanged({ key, opened }: StoredEntry, expected: Version): Promise<WriteOutcome> {
  return commit(opened, key, { conditions: [{ key, expected }], changes: [{ kind: "remove", key }] });
}

/** Moves the end of an entry. @param ttlMs from now on; null: never; undefined: as the dictionary's policy says */
export function moveEnd(
  { key, opened, found }: StoredEntry,
  ttlMs: number | null | undefined,
): Promise<WriteOutcome> {
  return commit(opened, key, {
    conditions: [{ key, expected: found?.version ?? "absent" }],
    changes: [{ kind: "touch", key, ...(ttlMs !== undefined && { ttlMs }) }],
  });
}

async function commit(
  { service, info }: OpenDict,
  key: Uint8Array,
  request: Parameters<OpenDict["service"]["commit"]>[1],
): Promise<WriteOutcome> {
  const outcome = await service.commit(info.dictId, request);
  return outcome.committed ? "written" : { now: await service.entry(info.dictId, key) };
}
