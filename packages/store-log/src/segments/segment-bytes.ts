import type { SegmentSet } from "./segment-set.ts";

// Smaller segments would be more files than they are worth.
const segmentMinBytes = 8 * 1024 * 1024;

/**
 * How long the active segment may grow. Only sealed segments are compacted, so one that is large beside what lives in
 * the log would make the log large.
 */
export function segmentBytes(segments: SegmentSet, segmentMaxBytes: number): number {
  const activeBytes = segments.active?.bytes ?? 0;
  // Asked for every group: mostly there is nothing to add up.
  if (activeBytes < segmentMinBytes || activeBytes >= segmentMaxBytes) return segmentMaxBytes;
  let liveBytes = 0;
  for (const segment of segments.all()) liveBytes += segment.liveBytes;
  return Math.min(segmentMaxBytes, Math.max(segmentMinBytes, liveBytes / 2));
}

/** How much garbage may lie about in any case: what is overwritten soon is dead before it would be copied. */
export function slackBytes(segmentMaxBytes: number): number {
  return 2 * Math.min(segmentMinBytes, segmentMaxBytes);
}
