/**
 * CRC-32C (Castagnoli), the checksum of every record and header in the log.
 *
 * Chosen over the CRC-32 of `node:zlib` because it detects more of the errors that storage makes (it is what
 * iSCSI, ext4 and Btrfs use) and because processors have an instruction for it, should a native path be wanted.
 * Computed eight bytes at a time from eight tables ("slicing by 8"), which reaches about 1 GB/s in V8.
 */

const reversedPolynomial = 0x82f63b78;
const tables = makeTables();

/**
 * The checksum of `bytes[start, end)`, an unsigned 32-bit integer. To continue over several pieces, pass what
 * the previous piece gave.
 */
export function crc32c(bytes: Uint8Array, start: number, end: number, previous = 0): number {
  const t = tables;
  let crc = ~previous;
  let at = start;
  for (; end - at >= 8; at += 8) {
    const low = crc ^ (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24));
    crc =
      t[1792 + (low & 255)]! ^
      t[1536 + ((low >>> 8) & 255)]! ^
      t[1280 + ((low >>> 16) & 255)]! ^
      t[1024 + (low >>> 24)]! ^
      t[768 + bytes[at + 4]!]! ^
      t[512 + bytes[at + 5]!]! ^
      t[256 + bytes[at + 6]!]! ^
      t[bytes[at + 7]!]!;
  }
  for (; at < end; at++) crc = t[(crc ^ bytes[at]!) & 255]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

function makeTables(): Int32Array {
  const result = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? reversedPolynomial : 0);
    result[byte] = crc;
  }
  for (let byte = 0; byte < 256; byte++) {
    for (let table = 1; table < 8; table++) {
      const previous = result[(table - 1) * 256 + byte]!;
      result[table * 256 + byte] = result[previous & 255]! ^ (previous >>> 8);
    }
  }
  return result;
}
