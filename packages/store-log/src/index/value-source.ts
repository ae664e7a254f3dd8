import type { ValueRoom } from "@everdict/protocol";
import { type Awaitable, withRoom } from "@everdict/store";
import type { KeyState, RecordPlace } from "./key-state.ts";
import type { SlotState } from "./slot-state.ts";
import type { ValueCache } from "./value-cache.ts";

// Up to this size a read from the log goes through the page cache in microseconds. A larger one would hold up the event
// loop, if only for the checksum.
const synchronousMaxBytes = 64 * 1024;

/**
 * The value of an entry of a durable table, at once if it is in memory or small.
 *
 * @param cache - where a value that was read at the log is kept; undefined: nowhere
 * @param room - where room for a large one is reserved
 * @throws `data_loss`
 */
export function readValue(
  state: SlotState,
  cache: ValueCache | undefined,
  room?: ValueRoom,
): Awaitable<Uint8Array> {
  const kept = state.value();
  if (kept !== undefined) {
    state.wasRead = true;
    return kept;
  }
  const { segment, offset, length } = state;
  if (length > synchronousMaxBytes) return readPinned({ segment, offset, length }, room);
  const value = segment.readRecordSync(offset, length).value();
  if (cache?.accepts(value.length) === true) cache.admit(state, value, 0);
  return value;
}

/** A value that is wanted later: after the flush that its removal waits for. */
export interface HeldValue {
  /** Reads it; at most once. */
  read(room?: ValueRoom): Awaitable<Uint8Array>;
  /** Gives up without reading. */
  release(): void;
}

/** Makes sure that a value can still be read when the entry is gone and its record may be compacted away. */
export function holdValue(state: KeyState): HeldValue {
  const value = state.value();
  if (value !== undefined) return { read: () => value, release: () => {} };
  const { segment, offset, length } = state;
  segment.pin();
  return {
    read: (room) => {
      const reading = readPinned({ segment, offset, length }, room);
      segment.unpin();
      return reading;
    },
    release: () => segment.unpin(),
  };
}

/** Reads a value at the log without holding up the event loop, once there is room for it. @throws `data_loss` */
export async function readPinned(
  { segment, offset, length }: RecordPlace,
  room?: ValueRoom,
): Promise<Buffer> {
  segment.pin();
  try {
    return (await withRoom(room, length, () => segment.readRecord(offset, length))).value();
  } finally {
    segment.unpin();
  }
}
