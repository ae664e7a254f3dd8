/**
 * The order of the keys in a shard: by hash, and those of one hash by their digests. It depends on the keys alone. So it is
 * the same on every server and node, whatever happens to the table that the keys are in.
 */

import { createHash } from "node:crypto";
import { orderOf } from "../keys/keyspace.ts";

/** A place in the order of a shard: that of a key which may be gone. */
export interface Position {
  readonly hash: number;
  /** What orders keys of one hash. */
  readonly mark: Buffer;
}

/** A field whose place is known. */
export interface PlacedField {
  readonly hash: number;
  readonly field: Buffer;
}

/** How long a mark is. */
export const markBytes = 16;

/** A field with its place. */
export function placed(field: Buffer): PlacedField {
  return { hash: orderOf(field), field };
}

/** The place of a field. */
export function positionOf({ hash, field }: PlacedField): Position {
  return { hash, mark: markOf(field) };
}

/** Whether a field comes behind a position; undefined is the beginning. */
export function isBehind({ hash, field }: PlacedField, position: Position | undefined): boolean {
  if (position === undefined || hash > position.hash) return true;
  return hash === position.hash && Buffer.compare(markOf(field), position.mark) > 0;
}

/** Below zero if the first position comes first, 0 if both are the same. */
export function comparePositions(one: Position, other: Position): number {
  return one.hash - other.hash || Buffer.compare(one.mark, other.mark);
}

/** Sorts fields by their places, and leaves out what is there twice. */
export function inOrder(fields: readonly PlacedField[]): PlacedField[] {
  const sorted = fields.toSorted(compare);
  return sorted.filter((one, at) => at === 0 || compare(sorted[at - 1]!, one) !== 0);
}

/** Below zero if the first one comes first, 0 if both are the same. */
export function compare(one: PlacedField, other: PlacedField): number {
  if (one.hash !== other.hash) return one.hash - other.hash;
  if (one.field.equals(other.field)) return 0;
  return Buffer.compare(markOf(one.field), markOf(other.field));
}

function markOf(field: Buffer): Buffer {
  return createHash("sha256").update(field).digest().subarray(0, markBytes);
}
