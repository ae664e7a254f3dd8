/** How much work `shrink` may do. A runner that gives up on a case would hide what was found so far. */
export interface ShrinkLimits {
  readonly maxAttempts: number;
  readonly maxMs: number;
}

/**
 * Makes a failing list of items shorter while it goes on failing: leaves out runs of items, long ones first,
 * from the end to the beginning, until no single one can be left out; then puts simpler items in the place of those
 * that are left; until nothing helps any more or a limit is reached.
 */
export async function shrink<Item>(
  failing: readonly Item[],
  stillFails: (items: readonly Item[]) => Promise<boolean>,
  { maxAttempts, maxMs }: ShrinkLimits,
  simpler: (item: Item) => readonly Item[] = () => [],
): Promise<readonly Item[]> {
  let attempts = 0;
  const startedMs = performance.now();
  const mayTry = () => attempts < maxAttempts && performance.now() - startedMs < maxMs;
  const fails = async (items: readonly Item[]) => {
    attempts++;
    return await stillFails(items);
  };
  for (let shortest = failing; ; ) {
    const shorter = await simplify(await shorten(shortest, fails, mayTry), fails, mayTry, simpler);
    if (shorter === shortest || !mayTry()) return shorter;
    shortest = shorter;
  }
}

type Fails<Item> = (items: readonly Item[]) => Promise<boolean>;

async function shorten<Item>(
  failing: readonly Item[],
  fails: Fails<Item>,
  mayTry: () => boolean,
): Promise<readonly Item[]> {
  let shortest = failing;
  let length = Math.ceil(shortest.length / 2);
  while (length >= 1 && mayTry()) {
    const before = shortest.length;
    for (let start = shortest.length - length; start > -length && mayTry(); start -= length) {
      const candidate = [...shortest.slice(0, Math.max(start, 0)), ...shortest.slice(start + length)];
      if (await fails(candidate)) shortest = candidate;
    }
    // Single items are tried again as long as that helps: leaving one out may make others superfluous.
    if (length > 1 || shortest.length === before) length = Math.floor(length / 2);
  }
  return shortest;
}

async function simplify<Item>(
  failing: readonly Item[],
  fails: Fails<Item>,
  mayTry: () => boolean,
  simpler: (item: Item) => readonly Item[],
): Promise<readonly Item[]> {
  let simplest = failing;
  for (let index = 0; index < simplest.length; ) {
    let helped = false;
    for (const item of simpler(simplest[index]!)) {
      if (!mayTry()) return simplest;
      const candidate = simplest.with(index, item);
      if (!(await fails(candidate))) continue;
      simplest = candidate;
      helped = true;
      break;
    }
    if (!helped) index++;
  }
  return simplest;
}
