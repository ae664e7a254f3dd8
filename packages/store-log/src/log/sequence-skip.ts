// So many records take more memory than a system leaves unwritten.
const skippedSequences = 2 ** 28;
// More than are written in a millisecond.
const sequencesPerMs = 2048;
// Doubles count exactly to 2^53. A clock that is far ahead must leave enough of them.
const clockMaxSequence = 2 ** 53 - 2 ** 51;

/**
 * Behind which sequence number a process goes on, in a log whose last one is `lastSequence`.
 *
 * Sequence numbers are versions of entries, and must not come again. A loss of power may have taken back records that
 * were not flushed and had been read. A restored backup knows nothing of what was written after it was made: hence the
 * clock, which went on meanwhile.
 */
export function behindLostSequences(lastSequence: number, nowMs: number): number {
  if (lastSequence === 0) return 0;
  const atLeast = Math.min(Math.floor(nowMs * sequencesPerMs), clockMaxSequence);
  return Math.max(lastSequence + skippedSequences, atLeast);
}
