// So many records take more memory than a system leaves unwritten.
const skippedSequences = 2 ** 28;

/**
 * Behind which sequence number a process goes on, in a log whose last one is `lastSequence`.
 *
 * A loss of power may have taken back records that were not flushed and had been read. Their numbers, which are versions
 * of entries, must not come again.
 */
export function behindLostSequences(lastSequence: number): number {
  return lastSequence === 0 ? 0 : lastSequence + skippedSequences;
}
