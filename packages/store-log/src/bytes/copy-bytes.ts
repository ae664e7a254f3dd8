// Below this a loop is quicker than a call of the platform.
const loopMaxBytes = 32;

/** Copies `source[start, start + length)` to `target[at, at + length)`. */
export function copyBytes(
  source: Uint8Array,
  start: number,
  target: Uint8Array,
  at: number,
  length: number,
): void {
  if (length > loopMaxBytes) {
    target.set(start === 0 && source.length === length ? source : source.subarray(start, start + length), at);
    return;
  }
  for (let index = 0; index < length; index++) target[at + index] = source[start + index]!;
}
