/**
 * The name that was meant by another one, if that can be told: the same but for case and underscores, the beginning of
 * it or the reverse, or a few letters away.
 */
export function nearestName(given: string, names: readonly string[]): string | undefined {
  const wanted = bare(given);
  let nearest: string | undefined;
  let fewest = Math.max(2, Math.floor(wanted.length / 3) + 1);
  for (const name of names) {
    const edits = sharesBeginning(wanted, bare(name)) ? 1 : editsBetween(wanted, bare(name));
    if (edits >= fewest) continue;
    fewest = edits;
    nearest = name;
  }
  return nearest;
}

const beginningMinLength = 3;
/** Longer than any name that is near one of ours, so that comparing costs little whatever is given. */
const comparedMaxLength = 40;

function bare(name: string): string {
  return name.slice(0, comparedMaxLength).replaceAll("_", "").toLowerCase();
}

function sharesBeginning(one: string, other: string): boolean {
  if (Math.min(one.length, other.length) < beginningMinLength) return one === other;
  return one.startsWith(other) || other.startsWith(one);
}

/** How many letters must be put in, left out or changed, or neighbours swapped, to make one of the other. */
function editsBetween(one: string, other: string): number {
  let before: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (let row = 1; row <= one.length; row += 1) {
    const edits = [row];
    for (let column = 1; column <= other.length; column += 1) {
      const same = one[row - 1] === other[column - 1];
      let fewest = Math.min(last[column]! + 1, edits[column - 1]! + 1, last[column - 1]! + (same ? 0 : 1));
      const swapped = row > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      if (swapped) fewest = Math.min(fewest, before[column - 2]! + 1);
      edits.push(fewest);
    }
    before = last;
    last = edits;
  }
  return last[other.length]!;
}
