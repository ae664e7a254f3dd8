import { describe, expect, test } from "vitest";
import { IdentityMemo } from "./identity-memo.ts";

interface Numbered {
  readonly at: number;
}

const looks: [string, (object: Numbered) => number][] = [
  ["all look different", ({ at }) => at],
  ["all look alike", () => 7],
  ["some look alike", ({ at }) => at % 9],
];

describe.each(looks)("IdentityMemo, where %s", (_, hashOf) => {
  test.each([3, 32, 33, 511, 512, 513, 2_000])(
    "knows each of %i objects by the number it came with, and forgets them",
    (size) => {
      const memo = new IdentityMemo();
      const get = (object: Numbered) => memo.get(object, hashOf(object));
      for (let pickle = 0; pickle < 2; pickle++) {
        const objects = Array.from({ length: size }, (_, at) => ({ at }));
        for (const [at, object] of objects.entries()) {
          expect(memo.note(object, at * 2, hashOf(object))).toBe(-1);
          const earlier = objects[(at * 7) % (at + 1)]!;
          if (at % 5 === 4) expect(memo.note(earlier, 1, hashOf(earlier))).toBe(earlier.at * 2);
          expect(get({ at })).toBe(-1);
        }
        for (const object of objects) expect(get(object)).toBe(object.at * 2);
        memo.clear();
        for (const object of objects) expect(get(object)).toBe(-1);
      }
    },
  );
});
