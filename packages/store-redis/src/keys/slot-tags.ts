import { slotCount, tagSlot } from "./key-slot.ts";

let tags: string[] | undefined;

/**
 * A short text for each slot that hashes to it, so that a key can be put into a chosen slot: `d:{TAG}:…`.
 *
 * Part of the data format: the shortest base-36 text of each slot, counting up from `0`. Made once a process, in
 * about 20 ms; none is longer than four characters.
 */
export function slotTag(slot: number): string {
  tags ??= makeTags();
  return tags[slot]!;
}

function makeTags(): string[] {
  const made = new Array<string>(slotCount);
  let missing = slotCount;
  for (let number = 0; missing > 0; number++) {
    const tag = number.toString(36);
    const slot = tagSlot(tag);
    if (made[slot] !== undefined) continue;
    made[slot] = tag;
    missing--;
  }
  return made;
}
