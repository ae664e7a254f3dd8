import { isLittleEndian } from "../wire/byte-order.ts";

const floatScratch = new Float64Array(1);
const floatBytes = new Uint8Array(floatScratch.buffer);
const firstFloatByte = isLittleEndian ? 7 : 0;

/** A float of eight bytes, most significant first. */
export function readFloat8(bytes: Uint8Array, from: number): number {
  for (let index = 0; index < 8; index++) {
    floatBytes[index ^ firstFloatByte] = bytes[from + index] as number;
  }
  return floatScratch[0] as number;
}
