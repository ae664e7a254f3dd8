import { inLaterTurn } from "./in-later-turn.ts";

/**
 * Long work runs in slices, with a turn of the event loop for other work between two slices.
 *
 * There is one queue for all such work of the process. If a hundred large values are read at once, each turn still runs
 * only one slice. Otherwise each value would take a millisecond of every turn, and other work would wait for all of
 * them.
 */

/** How many bytes a slice may copy or take the checksum of: less than a millisecond. */
export const sliceBytes = 1024 * 1024;
/** How many small objects a slice may make or encode: about a millisecond. */
export const sliceItems = 1000;

let last: Promise<void> = Promise.resolve();

/** Resolves when it is this caller's turn to do one slice of its work. */
export function nextSlice(): Promise<void> {
  last = last.then(nextTurn);
  return last;
}

/** Goes through a list by slices, with a turn for everybody else between two. */
export async function forEachSlice<T>(
  items: readonly T[],
  work: (slice: readonly T[]) => void,
): Promise<void> {
  if (items.length <= sliceItems) {
    work(items);
    return;
  }
  for (let at = 0; at < items.length; at += sliceItems) {
    if (at > 0) await nextSlice();
    work(items.slice(at, at + sliceItems));
  }
}

/** Resolves after everything else that is ready had its turn. */
export function nextTurn(): Promise<void> {
  return new Promise(inLaterTurn);
}
