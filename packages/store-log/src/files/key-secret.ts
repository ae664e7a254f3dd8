/**
 * The secret of a store, in a file of its own: what decides in which order pages bring entries.
 *
 * | offset | size | field |
 * | ---: | ---: | --- |
 * | 0 | 8 | `everdkey` |
 * | 8 | 40 | random bytes |
 * | 48 | 4 | CRC-32C of everything before it |
 *
 * It is made when a store is opened and none is there, or a damaged one. Entries do not depend on it: all that is lost with
 * it are the cursors of pages, which are refused under another secret.
 */

import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { crc32c } from "../bytes/crc32c.ts";
import { hashSecretBytes } from "../bytes/key-hasher.ts";
import type { FileLayer } from "./files.ts";

/** The file's name. */
export const keySecretName = "key-secret";

const magic = Buffer.from("everdkey", "latin1");
const cursorSecretBytes = 16;
const orderSecretBytes = 16;
const secretBytes = hashSecretBytes + orderSecretBytes + cursorSecretBytes;
const fileBytes = magic.length + secretBytes + 4;

/** Secret bytes, each part for one purpose. */
export class KeySecret {
  /** All of them. */
  readonly bytes: Buffer;

  constructor(bytes: Buffer = randomBytes(secretBytes)) {
    this.bytes = bytes;
  }

  /** For the hashes of keys. */
  get hashes(): Buffer {
    return this.bytes.subarray(0, hashSecretBytes);
  }

  /** For the order of keys whose hashes are equal. */
  get order(): Buffer {
    return this.bytes.subarray(hashSecretBytes, -cursorSecretBytes);
  }

  /** For cursors. */
  get cursors(): Buffer {
    return this.bytes.subarray(-cursorSecretBytes);
  }
}

/** The secret of a directory; undefined if there is none that can be read. */
export async function readKeySecret(files: FileLayer, directory: string): Promise<KeySecret | undefined> {
  if (!(await files.list(directory)).includes(keySecretName)) return undefined;
  const file = await files.open(join(directory, keySecretName));
  try {
    const content = Buffer.alloc(fileBytes);
    await file.read(content, 0);
    const isWhole = content.readUInt32LE(fileBytes - 4) === crc32c(content, 0, fileBytes - 4);
    if (!isWhole || !content.subarray(0, magic.length).equals(magic)) return undefined;
    return new KeySecret(content.subarray(magic.length, -4));
  } finally {
    await file.close();
  }
}

/** Writes a secret, durably, if that can be done; otherwise the next start makes another one. */
export async function writeKeySecret(
  files: FileLayer,
  directory: string,
  { bytes }: KeySecret,
): Promise<void> {
  const path = join(directory, keySecretName);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32LE(crc32c(Buffer.concat([magic, bytes]), 0, fileBytes - 4));
  try {
    const isThere = (await files.list(directory)).includes(keySecretName);
    const file = await (isThere ? files.open(path) : files.create(path));
    try {
      await file.write([magic, bytes, checksum], 0);
      await file.sync();
    } finally {
      await file.close();
    }
    if (!isThere) await files.syncDirectory(directory);
  } catch {
    // A disk that is full is no reason not to open.
  }
}
