import { nextSlice, sliceBytes } from "@everdict/protocol";
import { crc32c } from "./crc32c.ts";

/** As `crc32c`, but in slices if there are many bytes, so that the event loop stays free. */
export async function slicedChecksum(
  bytes: Uint8Array,
  start: number,
  end: number,
  previous: number,
): Promise<number> {
  let crc = previous;
  for (let at = start; at < end; at += sliceBytes) {
    if (at > start) await nextSlice();
    crc = crc32c(bytes, at, Math.min(end, at + sliceBytes), crc);
  }
  return crc;
}
