import type { TimeToLiveMs } from "@everdict/protocol";
import type { ByteSink } from "../frames/byte-sink.ts";
import type { ByteSource } from "../frames/byte-source.ts";

/** What a time to live takes. */
export const timeToLiveBytes = 8;

/** A time to live as an `f64`: NaN as the policy says, infinity never. What is none goes as minus infinity and is refused. */
export function writeTimeToLive(sink: ByteSink, ttlMs: TimeToLiveMs | undefined): void {
  if (ttlMs === undefined) sink.f64(Number.NaN);
  else if (ttlMs === null) sink.f64(Number.POSITIVE_INFINITY);
  else sink.f64(Number.isFinite(ttlMs) ? ttlMs : Number.NEGATIVE_INFINITY);
}

/** What {@link writeTimeToLive} wrote. */
export function readTimeToLive(source: ByteSource): TimeToLiveMs | undefined {
  const ttlMs = source.f64();
  if (Number.isNaN(ttlMs)) return undefined;
  return ttlMs === Number.POSITIVE_INFINITY ? null : ttlMs;
}
