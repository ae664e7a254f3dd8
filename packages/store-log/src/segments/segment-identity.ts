import type { LogFile } from "../files/files.ts";
import { findRecord, readRecordAt } from "../record/record-search.ts";
import { readSegmentHeader, segmentHeaderBytes } from "./segment-header.ts";

/** What a segment's first bytes say, or what is known in spite of them. */
export interface SegmentIdentity {
  /** The salt of its records; of a segment without any, what it should be, or 0 if nobody knows. */
  readonly salt: number;
  /**
   * `damaged`: not as it was written, but the first record shows what it said, so nothing is lost. `lost`: the first
   * record is not whole either, or the header is that of another file.
   */
  readonly header: "whole" | "damaged" | "lost";
  /** The version of the format; 0 if the header does not say. */
  readonly version: number;
}

/**
 * Finds out under which salt the records of a segment are. Of everything else that a header says the name of the
 * file says the same; the salt is in it twice, and may be known from elsewhere.
 *
 * @param otherSalts - that it may have had
 * @throws `conflict` if a later version of the format wrote it
 */
export async function identifySegment(
  file: LogFile,
  { number, bytes, otherSalts }: { number: number; bytes: number; otherSalts: readonly number[] },
): Promise<SegmentIdentity> {
  const head = Buffer.alloc(Math.min(bytes, segmentHeaderBytes));
  await file.read(head, 0);
  const { isWhole, isForeign, version, salts } = readSegmentHeader(head, number);
  if (isWhole) return { salt: salts[0]!, header: "whole", version };
  const candidates = isForeign ? salts : new Set([...salts, ...otherSalts]);
  for (const salt of candidates) {
    const first = await readRecordAt(file, segmentHeaderBytes, { to: bytes, salt });
    if (first !== undefined) return { salt, header: isForeign ? "lost" : "damaged", version: 0 };
  }
  for (const salt of candidates) {
    if ((await findRecord(file, { from: 0, to: bytes, salt })) !== undefined)
      return { salt, header: "lost", version: 0 };
  }
  return { salt: otherSalts[0] ?? 0, header: "lost", version: 0 };
}
