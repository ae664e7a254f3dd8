/**
 * The order of the keys in a shard: by hash, and those of one hash by their digests. It depends on the keys alone. So it is
 * the same on every server and node, whatever happens to the table that the keys are in.
 */

import { createHash } from "node:crypto";
import { orderOf } from "../keys/keyspace.ts";

/** A place in the order of a shard: that of a key which may be gone. */
export interface Position {
  readonly hash: number;
  /** Orders keys of one hash: a digest. */
  readonly mark: Buffer;
}

/** More than there are ever fields to sort, and little enough that a hash and an index fit into a number exactly. */
const indexSpan = 2 ** 21;
/** How long a mark is. */
export const markBytes = 16;

/** A field with its place. */
export class PlacedField implements Position {
  readonly field: Buffer;
  readonly hash: number;
  #mark: Buffer | undefined;

  constructor(field: Buffer) {
    this.field = field;
    this.hash = orderOf(field);
  }

  /** Made when it is asked for: hardly any keys have one hash. */
  get mark(): Buffer {
    this.#mark ??= createHash("sha256").update(this.field).digest().subarray(0, markBytes);
    return this.#mark;
  }
}

/** Below zero if the first position comes first, 0 if both are the same. */
export function comparePositions(one: Position, other: Position): number {
  return one.hash - other.hash || Buffer.compare(one.mark, other.mark);
}

/** Whether a position comes behind another one; undefined is the beginning. */
export function isBehind(one: Position, other: Position | undefined): boolean {
  return other === undefined || comparePositions(one, other) > 0;
}

/** Sorts fields by their places, and leaves out what is there twice. */
export function inOrder(fields: readonly PlacedField[]): PlacedField[] {
  // Numbers are sorted ten times as fast as objects: the hash, and behind it where the field is.
  const ranks = Float64Array.from(fields, ({ hash }, at) => hash * indexSpan + at).sort();
  const sorted: PlacedField[] = [];
  let alike: PlacedField[] = [];
  for (const rank of ranks) {
    const next = fields[rank % indexSpan]!;
    const last = alike.at(-1);
    if (last?.field.equals(next.field)) continue;
    if (last !== undefined && last.hash !== next.hash) {
      sorted.push(...withoutRepeats(alike));
      alike = [];
    }
    alike.push(next);
  }
  sorted.push(...withoutRepeats(alike));
  return sorted;
}

/** Fields of one hash in order. */
function withoutRepeats(alike: PlacedField[]): readonly PlacedField[] {
  if (alike.length <= 1) return alike;
  const sorted = alike.sort(comparePositions);
  return sorted.filter((one, at) => at === 0 || !one.field.equals(sorted[at - 1]!.field));
}
