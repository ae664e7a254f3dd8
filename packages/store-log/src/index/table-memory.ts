import type { ByteArena } from "../bytes/byte-arena.ts";
import type { Segment } from "../segments/segment.ts";
import type { SlotState } from "./slot-state.ts";

/** What the tables of one store share. */
export interface TableMemory {
  /** Keys, and the values that are in memory. */
  readonly arena: ByteArena;
  readonly segments: { get(number: number): Segment | undefined };
  /** What the slots and indexes of all tables take, in bytes. */
  tableBytes: number;
  /** Of that, slots that are not in use. */
  freeSlotBytes: number;
}

/** Told when a state's entry is gone, or another record has taken its place. The value is still there. */
export type OnDropped = (state: SlotState) => void;
