import type { SlotState } from "../index/slot-state.ts";
import type { DiskRoom } from "../log/disk-room.ts";
import { endAfterReadMs } from "./entry-end.ts";
import type { EntryLog } from "./entry-log.ts";
import type { LogDict } from "./log-dict.ts";

/** Moves the end of a durable entry that is read, if its dictionary's policy says so. */
export function renew(
  { log, room }: { readonly log: EntryLog; readonly room: DiskRoom },
  { record, entries }: LogDict,
  state: SlotState,
  key: Uint8Array,
  nowMs: number,
): void {
  const endMs = endAfterReadMs(record.expiry, state, nowMs);
  // On a full disk it is better forgotten than that no room is left for removals. What was decided about the key
  // since comes after this read, and gives it another end.
  if (endMs === undefined || !room.hasRoomToRemove() || entries.isOvertaken(key)) return;
  log.touch(entries, state, key, endMs);
}
