/**
 * A backup: the files of a directory in one file, with a checksum for each.
 *
 * | part | bytes | |
 * | --- | ---: | --- |
 * | header | 8 | `everdbak` |
 * | | 4 | format version |
 * | | 4 | number of files |
 * | | 8 | when it was made, milliseconds since the epoch, a double |
 * | | 4 | CRC-32C of the header before it |
 * | each file | 2 | length of its name |
 * | | | its name |
 * | | 8 | length of its content, a double |
 * | | 4 | CRC-32C of these fields |
 * | | | its content |
 * | | 4 | CRC-32C of the content |
 * | end | 8 | `everdend` |
 *
 * All numbers are little-endian. Files stand in the order in which they are to be made: segments oldest first.
 */

import type { FileHandle } from "node:fs/promises";
import { createError } from "@everdict/protocol";
import { crc32c } from "../bytes/crc32c.ts";

const magic = Buffer.from("everdbak", "latin1");
const endMagic = Buffer.from("everdend", "latin1");
/** The version this code writes; it reads this one only. */
export const backupFormatVersion = 1;
const headerBytes = 28;
const chunkBytes = 256 * 1024;

/** Reads `target.length` bytes of a source from a position on; returns how many there were. */
export type ReadAt = (target: Uint8Array, position: number) => Promise<number>;

/** A file to be put into a backup. */
export interface BackupSource {
  readonly name: string;
  readonly bytes: number;
  readonly read: ReadAt;
}

/** A file in a backup. */
export interface BackedUpFile {
  readonly name: string;
  readonly bytes: number;
  /** Where its content begins in the backup. */
  readonly start: number;
}

/** Writes a backup from the beginning of a file on. @throws `data_loss` if a source is shorter than it said */
export async function writeBackup(
  handle: FileHandle,
  sources: readonly BackupSource[],
  nowMs: number,
): Promise<void> {
  const header = Buffer.alloc(headerBytes);
  magic.copy(header);
  header.writeUInt32LE(backupFormatVersion, 8);
  header.writeUInt32LE(sources.length, 12);
  header.writeDoubleLE(nowMs, 16);
  header.writeUInt32LE(crc32c(header, 0, headerBytes - 4), headerBytes - 4);
  await writeAll(handle, header);
  for (const source of sources) {
    await writeAll(handle, encodeFileHead(source));
    let crc = 0;
    await eachChunk(source.read, 0, source.bytes, source.name, async (chunk) => {
      crc = crc32c(chunk, 0, chunk.length, crc);
      await writeAll(handle, chunk);
    });
    const checksum = Buffer.alloc(4);
    checksum.writeUInt32LE(crc);
    await writeAll(handle, checksum);
  }
  await writeAll(handle, endMagic);
}

/**
 * Reads what is in a backup, and checks every checksum on the way.
 *
 * @param onChunk - gets the content of the files, in order
 * @throws `data_loss` if it is damaged or incomplete, `conflict` if a newer program wrote it, `invalid_argument` if it
 *   is no backup
 */
export async function readBackup(
  handle: FileHandle,
  onChunk: (file: BackedUpFile, chunk: Buffer, position: number) => Promise<void> = async () => {},
): Promise<BackedUpFile[]> {
  const { size } = await handle.stat();
  const readAt: ReadAt = async (target, position) =>
    (await handle.read(target, 0, target.length, position)).bytesRead;
  const read = async (bytes: number, position: number) => {
    const target = Buffer.alloc(bytes);
    if (position + bytes > size || (await readAt(target, position)) !== bytes) throw damaged(position);
    return target;
  };
  const count = checkHeader(size < headerBytes ? Buffer.alloc(0) : await read(headerBytes, 0));
  const files: BackedUpFile[] = [];
  let position = headerBytes;
  for (let index = 0; index < count; index++) {
    const nameBytes = (await read(2, position)).readUInt16LE();
    const head = await read(2 + nameBytes + 8 + 4, position);
    const checkedBytes = head.length - 4;
    if (head.readUInt32LE(checkedBytes) !== crc32c(head, 0, checkedBytes)) throw damaged(position);
    const name = head.toString("utf8", 2, 2 + nameBytes);
    const file = { name, bytes: head.readDoubleLE(2 + nameBytes), start: position + head.length };
    if (file.start + file.bytes > size) throw damaged(position);
    let crc = 0;
    await eachChunk(readAt, file.start, file.bytes, name, async (chunk, at) => {
      crc = crc32c(chunk, 0, chunk.length, crc);
      await onChunk(file, chunk, at);
    });
    position = file.start + file.bytes;
    if ((await read(4, position)).readUInt32LE() !== crc) throw damaged(file.start);
    position += 4;
    files.push(file);
  }
  if (!(await read(endMagic.length, position)).equals(endMagic)) throw damaged(position);
  return files;
}

function checkHeader(header: Buffer): number {
  if (!header.subarray(0, magic.length).equals(magic))
    throw createError("invalid_argument", "this is no backup of Everdict's");
  if (header.readUInt32LE(headerBytes - 4) !== crc32c(header, 0, headerBytes - 4)) throw damaged(0);
  const version = header.readUInt32LE(8);
  if (version !== backupFormatVersion) {
    throw createError(
      "conflict",
      `the backup has format version ${version}, this program reads version ${backupFormatVersion}: ` +
        "restore it with the newer program that wrote it",
    );
  }
  return header.readUInt32LE(12);
}

function encodeFileHead({ name, bytes }: BackupSource): Buffer {
  const nameBytes = Buffer.from(name);
  const head = Buffer.alloc(2 + nameBytes.length + 8 + 4);
  head.writeUInt16LE(nameBytes.length);
  nameBytes.copy(head, 2);
  head.writeDoubleLE(bytes, 2 + nameBytes.length);
  head.writeUInt32LE(crc32c(head, 0, head.length - 4), head.length - 4);
  return head;
}

async function eachChunk(
  read: ReadAt,
  start: number,
  bytes: number,
  name: string,
  visit: (chunk: Buffer, position: number) => Promise<void>,
): Promise<void> {
  const buffer = Buffer.allocUnsafeSlow(Math.min(bytes, chunkBytes));
  for (let done = 0; done < bytes; ) {
    const chunk = buffer.subarray(0, Math.min(buffer.length, bytes - done));
    if ((await read(chunk, start + done)) !== chunk.length) {
      throw createError("data_loss", `${name} is shorter than its ${bytes} bytes`);
    }
    await visit(chunk, done);
    done += chunk.length;
  }
}

/** Writes all bytes behind what was written last: a system call may write less than it was given. */
export async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await handle.write(bytes, done, bytes.length - done)).bytesWritten;
  }
}

function damaged(position: number) {
  return createError("data_loss", `the backup is damaged or incomplete at byte ${position}`);
}
