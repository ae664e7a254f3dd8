/**
 * The header of a segment: says that the file is ours, in which version of the format, and which segment it is,
 * so that a renamed or foreign file is never taken for a part of the log.
 *
 * | offset | size | field |
 * | ---: | ---: | --- |
 * | 0 | 8 | `everdict` |
 * | 8 | 4 | format version |
 * | 12 | 4 | segment number |
 * | 16 | 4 | salt: chosen at random, for the checksums of the records |
 * | 20 | 4 | the salt again, to find records behind a damaged header |
 * | 24 | 4 | zero |
 * | 28 | 4 | CRC-32C of everything before it |
 */

import { createError } from "@everdict/protocol";
import { crc32c } from "../bytes/crc32c.ts";

/** Bytes of a segment before its first record. */
export const segmentHeaderBytes = 32;
/**
 * The version this code writes. It reads earlier ones, but writes nothing into their segments: version 2 added the record
 * `ownTouch` and the recorded answer `outcome`.
 */
export const formatVersion = 2;

const magic = Buffer.from("everdict", "latin1");
const checksumAt = 28;

/** Writes the header of a segment. */
export function encodeSegmentHeader(segmentNumber: number, salt: number): Buffer {
  const header = Buffer.alloc(segmentHeaderBytes);
  magic.copy(header);
  header.writeUInt32LE(formatVersion, 8);
  header.writeUInt32LE(segmentNumber, 12);
  header.writeUInt32LE(salt, 16);
  header.writeUInt32LE(salt, 20);
  header.writeUInt32LE(crc32c(header, 0, checksumAt), checksumAt);
  return header;
}

/** What a header says. */
export interface SegmentHeader {
  /** Whether it is the header of that segment. */
  readonly isWhole: boolean;
  /** Whether it is the whole header of something else: another segment, or a format that is not known. */
  readonly isForeign: boolean;
  /** The version of the format; 0 if it is damaged. */
  readonly version: number;
  /** What it says of the salt; if it is damaged, one of these may be right. */
  readonly salts: readonly number[];
}

/**
 * Reads the first bytes of a segment.
 *
 * @throws `conflict` if a later version of the format wrote it
 */
export function readSegmentHeader(header: Buffer, segmentNumber: number): SegmentHeader {
  if (header.length < segmentHeaderBytes) return { isWhole: false, isForeign: false, version: 0, salts: [] };
  const salt = header.readUInt32LE(16);
  const isChecked = header.readUInt32LE(checksumAt) === crc32c(header, 0, checksumAt);
  if (!isChecked || !header.subarray(0, magic.length).equals(magic)) {
    return { isWhole: false, isForeign: false, version: 0, salts: [salt, header.readUInt32LE(20)] };
  }
  const version = header.readUInt32LE(8);
  if (version > formatVersion) {
    throw createError(
      "conflict",
      `segment ${segmentNumber} has format version ${version}, this program reads up to version ${formatVersion}: ` +
        "open the directory with the newer program that wrote it",
    );
  }
  const isWhole = version > 0 && header.readUInt32LE(12) === segmentNumber;
  return { isWhole, isForeign: !isWhole, version, salts: [salt] };
}
