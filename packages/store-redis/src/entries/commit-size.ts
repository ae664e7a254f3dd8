import {
  type Change,
  type CommitRequest,
  createError,
  limitDefaults,
  tooManyEntries,
} from "@everdict/protocol";
import { inlineMaxBytes } from "../large-values/large-values.ts";

const { clusterCommitMaxEntries: maxEntries, clusterCommitMaxBytes: maxBytes } = limitDefaults;

/**
 * Checks that a commit is no more than one script may have: its server does nothing else meanwhile.
 *
 * @throws `too_many_entries`, `request_too_large`
 */
export function checkCommitSize({ conditions, changes }: CommitRequest): void {
  const entries = conditions.length + changes.length;
  if (entries > maxEntries) throw tooManyEntries(entries, maxEntries);
  let bytes = 0;
  for (const { key } of conditions) bytes += key.length;
  for (const change of changes) bytes += change.key.length + valueBytes(change);
  if (bytes <= maxBytes) return;
  const message = `keys and values of a transaction on a cluster have ${bytes} bytes together, limit is ${maxBytes}`;
  throw createError("request_too_large", message);
}

/** What a change gives its script besides the key. Large values are sent apart from it. */
function valueBytes(change: Change): number {
  if (change.kind === "put") return change.value.length <= inlineMaxBytes ? change.value.length : 0;
  if (change.kind !== "add") return 0;
  const { by, initial, min, max } = change;
  return [by, initial, min, max].reduce((sum, number) => sum + (number?.length ?? 0), 0);
}
