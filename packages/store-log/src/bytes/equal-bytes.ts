import { Buffer } from "node:buffer";

// Above this a call of the platform is quicker than a loop.
const loopMaxBytes = 128;

/** Whether `one[at, at + length)` and `other[start, start + length)` are the same. */
export function equalBytes(
  one: Uint8Array,
  at: number,
  other: Uint8Array,
  start: number,
  length: number,
): boolean {
  // From the end: keys are pickles, which begin alike.
  const rest = Math.max(0, length - loopMaxBytes);
  for (let index = length - 1; index >= rest; index--) {
    if (one[at + index] !== other[start + index]) return false;
  }
  return rest === 0 || Buffer.compare(one.subarray(at, at + rest), other.subarray(start, start + rest)) === 0;
}
