/** How much work `shrink` may do. A runner that gives up on a case would hide what was found so far. */
export interface ShrinkLimits {
  readonly maxAttempts: number;
  readonly maxMs: number;
}

/**
 * Makes a failing list of items shorter while it goes on failing: leaves out runs of items, long ones first,
 * from the end to the beginning, until no single one can be left out or a limit is reached.
 */
export async function shrink<Item>(
  failing: readonly Item[],
  stillFails: (items: readonly Item[]) => Promise<boolean>,
  { maxAttempts, maxMs }: ShrinkLimits,
): Promise<readonly Item[]> {
  let shortest = failing;
  let attempts = 0;
  const startedMs = performance.now();
  const mayTry = () => attempts < maxAttempts && performance.now() - startedMs < maxMs;
  let length = Math.ceil(shortest.length / 2);
  while (length >= 1 && mayTry()) {
    const before = shortest.length;
    for (let start = shortest.length - length; start > -length && mayTry(); start -= length) {
      const candidate = [...shortest.slice(0, Math.max(start, 0)), ...shortest.slice(start + length)];
      attempts++;
      if (await stillFails(candidate)) shortest = candidate;
    }
    // Single items are tried again as long as that helps: leaving one out may make others superfluous.
    if (length > 1 || shortest.length === before) length = Math.floor(length / 2);
  }
  return shortest;
}
