/** Whether `one[at, at + length)` and `other[start, start + length)` are the same. */
export function equalBytes(
  one: Uint8Array,
  at: number,
  other: Uint8Array,
  start: number,
  length: number,
): boolean {
  // From the end: keys are pickles, which begin alike.
  for (let index = length - 1; index >= 0; index--) {
    if (one[at + index] !== other[start + index]) return false;
  }
  return true;
}
