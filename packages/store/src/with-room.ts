import type { ValueRoom } from "@everdict/protocol";

/** Reads a large value once there is room for it, as the storage contract says. */
export async function withRoom<T>(
  room: ValueRoom | undefined,
  bytes: number,
  read: () => Promise<T>,
): Promise<T> {
  if (room === undefined) return read();
  const waiting = room.reserve(bytes);
  if (waiting !== undefined) await waiting;
  try {
    return await read();
  } finally {
    room.release(bytes);
  }
}
