/**
 * Work on large values is done in slices, with a turn of the event loop for everybody else between two of them.
 *
 * There is one queue for all such work of the process: of a hundred values that are read at once, a turn still brings
 * one slice. Otherwise each would take its turn of a millisecond, and others would wait for all of them together.
 */

/** How many bytes a slice may copy or take the checksum of: less than a millisecond. */
export const sliceBytes = 1024 * 1024;

let last: Promise<void> = Promise.resolve();

/** Resolves when it is this caller's turn to do one slice of its work. */
export function nextSlice(): Promise<void> {
  last = last.then(nextTurn);
  return last;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
