/**
 * Makes a failing list of items shorter while it goes on failing: leaves out runs of items, long ones first,
 * from the end to the beginning, until no single one can be left out or the attempts are used up.
 */
export async function shrink<Item>(
  failing: readonly Item[],
  stillFails: (items: readonly Item[]) => Promise<boolean>,
  maxAttempts: number,
): Promise<readonly Item[]> {
  let shortest = failing;
  let attempts = 0;
  for (let length = Math.ceil(shortest.length / 2); length >= 1; ) {
    const before = shortest.length;
    for (let start = shortest.length - length; start > -length && attempts < maxAttempts; start -= length) {
      const candidate = [...shortest.slice(0, Math.max(start, 0)), ...shortest.slice(start + length)];
      attempts++;
      if (await stillFails(candidate)) shortest = candidate;
    }
    if (attempts >= maxAttempts) break;
    if (length > 1) length = Math.floor(length / 2);
    else if (shortest.length === before) break;
  }
  return shortest;
}
