// A Python OrderedDict arrives as a Map, and a Map whose keys are all texts is written as an OrderedDict. One with
// other keys would be written as a dict; which of those came as OrderedDict is remembered here, beside the Map, so
// that it stays an ordinary Map for the program.

const ordered = new WeakSet<object>();

/** Remembers that a Map stands for an OrderedDict whatever its keys. */
export function markOrderedMap(map: Map<unknown, unknown>): void {
  ordered.add(map);
}

/** Whether a Map was marked. */
export function isOrderedMap(map: Map<unknown, unknown>): boolean {
  return ordered.has(map);
}
