import type { ByteArena } from "../bytes/byte-arena.ts";
import type { KeyHasher } from "../bytes/key-hasher.ts";
import type { Segment } from "../segments/segment.ts";

/** What the tables of one store share. */
export interface TableMemory {
  /** Keys, and the values that are in memory. */
  readonly arena: ByteArena;
  readonly hasher: KeyHasher;
  readonly segments: { get(number: number): Segment | undefined };
  /** What the slots, indexes and moved ends of all tables take, in bytes. */
  tableBytes: number;
  /** Of that, slots that are not in use. */
  freeSlotBytes: number;
}
