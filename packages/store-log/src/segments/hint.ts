/**
 * A hint holds what recovery needs of a complete segment: everything but the values. Opening a store reads hints
 * instead of segments where they exist. A hint that is missing, torn or of another segment is not used.
 *
 * | offset | size | field |
 * | ---: | ---: | --- |
 * | 0 | 8 | `everhint` |
 * | 8 | 4 | format version |
 * | 12 | 4 | segment number |
 * | 16 | 4 | the segment's length |
 * | 20 | 4 | the segment's salt |
 * | 24 | 8 | its last sequence number, a double |
 * | 32 | 4 | length of the rows |
 * | 36 | 4 | CRC-32C of everything else |
 * | 40 | | a row for each record, in order |
 *
 * A row is a byte of flags (the operation, and what is as expected and left out), then as variable-length numbers the
 * steps of the sequence number, the record's length, the key's length, dictionary and generation, how much older the
 * version is than the sequence number, and the expiry; then the key, and the value of a record that is about the log itself
 * or has an entry's own time to live.
 */

import { join } from "node:path";
import { crc32c } from "../bytes/crc32c.ts";
import type { FileLayer } from "../files/files.ts";
import { HintRow, type HintRows } from "./hint-rows.ts";
import type { Segment } from "./segment.ts";
import type { SegmentSet } from "./segment-set.ts";

const headerBytes = 40;
const checksumAt = 36;
const hintVersion = 1;
const magic = Buffer.from("everhint", "latin1");

/** The name of a segment's hint. */
export function hintName(segmentNumber: number): string {
  return `${String(segmentNumber).padStart(10, "0")}.hint`;
}

/** The number in a hint's name, or undefined if it is another file's name. */
export function hintNumber(name: string): number | undefined {
  const match = /^(\d{10})\.hint$/.exec(name);
  return match === null ? undefined : Number(match[1]);
}

/** The content of a hint. @param pause - is awaited after this many bytes */
export async function encodeHint(
  { number, bytes, salt }: Segment,
  rows: HintRows,
  pause: (bytes: number) => Promise<void>,
): Promise<readonly Buffer[]> {
  const parts = rows.parts();
  const header = Buffer.alloc(headerBytes);
  magic.copy(header);
  header.writeUInt32LE(hintVersion, 8);
  header.writeUInt32LE(number, 12);
  header.writeUInt32LE(bytes, 16);
  header.writeUInt32LE(salt, 20);
  header.writeDoubleLE(rows.lastSequence, 24);
  const bodyBytes = parts.reduce((sum, part) => sum + part.length, 0);
  header.writeUInt32LE(bodyBytes, 32);
  let checksum = crc32c(header, 0, checksumAt);
  for (const part of parts) {
    checksum = crc32c(part, 0, part.length, checksum);
    await pause(part.length);
  }
  header.writeUInt32LE(checksum, checksumAt);
  return [header, ...parts];
}

/** A hint that was read and can be believed. */
export interface Hint {
  /** How long the segment was, and its salt. All of it was flushed when the hint was made. */
  readonly bytes: number;
  readonly salt: number;
  readonly lastSequence: number;
  /** Visits every record. The row is only valid during the call. */
  replay(visit: (row: HintRow, offset: number) => void): void;
}

/** Reads a hint; undefined if it is not whole, or not of a segment of that number. */
export function decodeHint(content: Buffer, segmentNumber: number): Hint | undefined {
  if (content.length < headerBytes || !content.subarray(0, magic.length).equals(magic)) return undefined;
  const body = content.subarray(headerBytes);
  const isOfSegment =
    content.readUInt32LE(8) === hintVersion &&
    content.readUInt32LE(12) === segmentNumber &&
    content.readUInt32LE(32) === body.length;
  if (!isOfSegment || !isWhole(content, body)) return undefined;
  const bytes = content.readUInt32LE(16);
  const salt = content.readUInt32LE(20);
  const lastSequence = content.readDoubleLE(24);
  return { bytes, salt, lastSequence, replay: (visit) => new HintRow(body).visitAll(visit) };
}

/** The content of a hint that is there. @param memory - is used for it if it is large enough */
export async function readHint(path: string, files: FileLayer, memory: Buffer): Promise<Buffer> {
  const file = await files.open(path);
  try {
    const bytes = await file.size();
    const content = bytes > memory.length ? Buffer.allocUnsafeSlow(bytes) : memory.subarray(0, bytes);
    return content.subarray(0, await file.read(content, 0));
  } finally {
    await file.close();
  }
}

/** The whole hint of a segment, for those who need few of them; undefined if there is none. */
export async function findHint(
  files: FileLayer,
  directory: string,
  segmentNumber: number,
): Promise<Hint | undefined> {
  if (!(await files.list(directory)).includes(hintName(segmentNumber))) return undefined;
  const content = await readHint(join(directory, hintName(segmentNumber)), files, Buffer.alloc(0));
  return decodeHint(content, segmentNumber);
}

/**
 * Removes hints that cannot be used, and that of the segment which will be written on: it would be that of a segment of
 * the same length again, should the log be cut back and grow anew. Durable with the next flush of the directory.
 */
export async function removeStaleHints(files: FileLayer, segments: SegmentSet): Promise<void> {
  for (const name of await files.list(segments.directory)) {
    const number = hintNumber(name);
    if (number === undefined) continue;
    const segment = segments.get(number);
    if (segment?.hint === "there" && segment !== segments.active) continue;
    if (segment !== undefined) segment.hint = "none";
    await files.remove(join(segments.directory, name));
  }
}

function isWhole(header: Buffer, body: Buffer): boolean {
  const checksum = crc32c(body, 0, body.length, crc32c(header, 0, checksumAt));
  return header.readUInt32LE(checksumAt) === checksum;
}
