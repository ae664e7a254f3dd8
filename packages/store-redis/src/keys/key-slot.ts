/**
 * The slot of a key: CRC-16 (XMODEM) of what is between the first braces, modulo 16,384, as the Cluster
 * specification has it. https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/
 */

/** How many slots a cluster has. */
export const slotCount = 16_384;

const table = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
  return crc & 0xffff;
});

/** The slot of a text of ASCII characters without braces. */
export function tagSlot(tag: string): number {
  let crc = 0;
  for (let index = 0; index < tag.length; index++) {
    crc = ((crc << 8) & 0xffff) ^ table[(crc >> 8) ^ tag.charCodeAt(index)]!;
  }
  return crc % slotCount;
}
