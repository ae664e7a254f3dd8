import { describe, expect, test } from "vitest";
import { IdentityMemo } from "./identity-memo.ts";

describe("IdentityMemo", () => {
  test.each([3, 32, 33, 500])(
    "knows each of %i objects by the number it came with, and forgets them",
    (size) => {
      const memo = new IdentityMemo();
      for (let pickle = 0; pickle < 2; pickle++) {
        const objects = Array.from({ length: size }, (_, at) => ({ at }));
        for (const [at, object] of objects.entries()) {
          // The two ways to remember one.
          if (at % 3 === 0) memo.set(object, at * 2);
          else expect(memo.note(object, at * 2)).toBe(-1);
          const earlier = objects[(at * 7) % (at + 1)]!;
          if (at % 5 === 4) expect(memo.note(earlier, 1)).toBe(earlier.at * 2);
          expect(memo.get({ at })).toBe(-1);
        }
        for (const object of objects) expect(memo.get(object)).toBe(object.at * 2);
        memo.clear();
        expect(memo.get(objects[0]!)).toBe(-1);
      }
    },
  );
});
