import { seededRandom } from "@everdict/testkit";
import type { DictKey } from "everdict";

/** A text of which group it is: in Python those of one group are one object. */
interface GroupedText {
  readonly text: string;
  readonly group: number;
}

/** A part of a key: a text, a number or a tuple. */
export type KeyPart = GroupedText | number | readonly KeyPart[];

/** A tuple with repeated texts, as a program builds it, and the forms that it can have in Python. */
export interface RepeatedKey {
  readonly key: readonly DictKey[];
  readonly forms: readonly (readonly KeyPart[])[];
}

const random = seededRandom(15);
/** How often each of a key's texts stands in it. */
const counts = [[2], [2], [3], [2, 2], [2], [3], [2], [2, 2], [2], [4]] as const;

/** 150 tuples, each in all its forms. The number in each makes it another key than the others. */
export const repeatedKeys: readonly RepeatedKey[] = Array.from({ length: 150 }, (_, number) => {
  const texts = ["ab", "n1", "日本", "a longer text", "datetime"].sort(() => random.next() - 0.5);
  const chosen = counts[number % counts.length] as readonly number[];
  const places = chosen.flatMap((count, at) => Array.from({ length: count }, () => texts[at] as string));
  const shuffled = places.sort(() => random.next() - 0.5);
  const isNested = random.chance(0.5);
  const shape = <Part>(parts: readonly Part[]): readonly (Part | number | readonly Part[])[] =>
    isNested ? [number, parts.slice(0, 2), ...parts.slice(2)] : [...parts, number];
  return { key: shape(shuffled), forms: groupings(shuffled).map((parts) => shape(parts)) };
});

/** Every way to say which of the equal texts are one object; groups are numbered in the order in which they appear. */
function groupings(texts: readonly string[]): readonly (readonly GroupedText[])[] {
  return texts.reduce<readonly (readonly GroupedText[])[]>(
    (starts, text) =>
      starts.flatMap((start) => {
        const groups = new Set(start.filter((each) => each.text === text).map(({ group }) => group));
        return Array.from({ length: groups.size + 1 }, (_, group) => [...start, { text, group }]);
      }),
    [[]],
  );
}
