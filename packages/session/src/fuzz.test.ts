// The short form; `npm run fuzz -w packages/session` is the long one. On failure the title has the seed.
import { describe, expect, test } from "vitest";
import { type FuzzRandom, type FuzzResult, fuzzClient, fuzzServer } from "../testing/fuzz.ts";

// Fixed, so that a run of CI says something about the change and not about luck; the long form takes new ones.
const seeds = [1, 20_260_101, Number(process.env.EVERDICT_FUZZ_SEED ?? 7)];
const framesCount = Number(process.env.EVERDICT_FUZZ_FRAMES ?? 1500);
/** What a run may leave behind in the process, garbage included that was not collected yet. */
const growthMaxBytes = 400 * 1024 * 1024;

/** Mulberry32. */
function seededRandom(seed: number): FuzzRandom {
  let state = seed >>> 0;
  return {
    integer: (below) => {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
    },
  };
}

describe("random, truncated and mutated frames", () => {
  const ends: [string, (random: FuzzRandom, count: number) => Promise<FuzzResult>][] = [
    ["a server", fuzzServer],
    ["a client", fuzzClient],
  ];
  for (const seed of seeds) {
    test.for(ends)(`neither crash nor hang %s (seed ${seed})`, async ([, fuzz]) => {
      const before = process.memoryUsage().rss;
      const result = await fuzz(seededRandom(seed), framesCount);
      const growth = process.memoryUsage().rss - before;
      if (framesCount > 10_000)
        console.info(JSON.stringify({ ...result, growthMiB: Math.round(growth / 2 ** 20) }));
      expect(growth).toBeLessThan(growthMaxBytes);
      expect(result.frames).toBeGreaterThanOrEqual(framesCount);
      // That something got through, and that something was refused, shows that the frames are broken just enough.
      expect(result.calls).toBeGreaterThan(50);
      expect(result.survived).toBeGreaterThan(0);
      expect(Object.keys(result.ended).length).toBeGreaterThan(0);
    });
  }
});
