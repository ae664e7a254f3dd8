import type { Entry } from "./entry.ts";
import { createError } from "./errors.ts";

/**
 * The one entry of a conditional put, which both wires write as a list. What several would mean is not defined (protocol
 * section 2.5).
 *
 * @throws `invalid_argument` if there is not exactly one
 */
export function onlyEntry(entries: readonly Entry[]): Entry {
  const [only] = entries;
  if (only !== undefined && entries.length === 1) return only;
  const message = `with ifNotExists there must be exactly one entry, not ${entries.length}`;
  throw createError("invalid_argument", message);
}
