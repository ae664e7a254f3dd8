/**
 * What may be missing from a log, and what not: decided here, for a store that opens and for everybody who examines.
 *
 * The end of the last segment may be torn by a crash, from the first commit of the last group that is not whole.
 * Everything else was flushed once, and proves it: by segments that follow, by later records (`record.ts`), by what is
 * written down of the last segment (`last-segment.ts`), by a hint, which is only made of what is flushed (`hint.ts`).
 */

import type { LogFile } from "../files/files.ts";
import type { LastSegment } from "./last-segment.ts";
import { segmentHeaderBytes } from "./segment-header.ts";
import { provesDurable } from "./segment-scan.ts";
import type { ManifestEntry } from "./segment-set.ts";

/** What is known of a segment besides its own bytes. */
export interface SegmentProofs {
  /** Whether no segment follows. */
  readonly isLast: boolean;
  readonly lastSegment: LastSegment;
  /** What a whole hint of it says. */
  readonly hint: { readonly bytes: number; readonly salt: number } | undefined;
}

/** The salts that a segment of that number may have had. */
export function knownSalts(number: number, { lastSegment, hint }: SegmentProofs): number[] {
  const salts = hint === undefined ? [] : [hint.salt];
  if (lastSegment.number === number && lastSegment.flushed) salts.push(lastSegment.flushed.salt);
  return salts;
}

/** How many bytes of a segment were flushed once, for all that is known besides its own bytes. */
export function provenBytes(number: number, salt: number, { lastSegment, hint }: SegmentProofs): number {
  const byHint = hint?.salt === salt ? hint.bytes : 0;
  const { flushed } = lastSegment;
  if (lastSegment.number !== number) return byHint;
  // Where no length was written down, it is known that there were some records.
  const byMark = flushed?.salt === salt ? flushed.bytes : segmentHeaderBytes + 1;
  return Math.max(byHint, byMark);
}

/** Where whole commits of a segment end. */
export interface SegmentEnd {
  readonly number: number;
  readonly salt: number;
  readonly end: number;
  /** The length of the file. */
  readonly size: number;
}

/** Why what is missing or broken behind the last whole commit is damage; undefined if it is a torn end, or nothing. */
export async function whyDamaged(
  file: LogFile,
  { number, salt, end, size }: SegmentEnd,
  proofs: SegmentProofs,
): Promise<string | undefined> {
  const isNothing = end <= segmentHeaderBytes;
  if (!proofs.isLast && (end < size || isNothing)) return "later segments follow";
  const proven = provenBytes(number, salt, proofs);
  if (end < proven) return `it was flushed up to byte ${proven}`;
  if (end < size && (await provesDurable(file, { from: end, to: size, salt })))
    return "later records are whole";
  return undefined;
}

/** Segments that a log says it has and that are not there, or not of that length. */
export function missingSegments(
  manifest: readonly ManifestEntry[],
  lastSegment: LastSegment,
  segments: { get(number: number): { readonly bytes: number } | undefined; readonly lastNumber: number },
): ManifestEntry[] {
  const missing = manifest.filter(({ number, bytes }) => segments.get(number)?.bytes !== bytes);
  if (lastSegment.number > segments.lastNumber)
    missing.push({ number: lastSegment.number, bytes: lastSegment.flushed?.bytes ?? 0 });
  return missing;
}
