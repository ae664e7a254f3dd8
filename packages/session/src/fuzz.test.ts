// The short form; `npm run fuzz -w packages/session` is the long one. On failure the title has the seed.
import { collectGarbage, type SeededRandom, seededRandom, turns } from "@everdict/testkit";
import { describe, expect, test } from "vitest";
import { type FuzzResult, fuzzClient, fuzzServer } from "../testing/fuzz.ts";

// Fixed, so that a run of CI says something about the change and not about luck; the long form takes new ones.
const seeds = [1, 20_260_101, Number(process.env.EVERDICT_FUZZ_SEED ?? 7)];
const framesCount = Number(process.env.EVERDICT_FUZZ_FRAMES ?? 1500);
/** What a run may leave behind. */
const leftMaxMiB = 4;
/** What it may have resident meanwhile, garbage of the test itself included: announced memory is not filled. */
const peakMaxMiB = 256;

function usedMiB(): number {
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
}

/** Without garbage; buffers are freed in the background a while after they were found to be garbage. */
async function liveMiB(): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let look = 0; look < 5; look++) {
    collectGarbage();
    await turns(20);
    least = Math.min(least, usedMiB());
  }
  return least;
}

describe("random, truncated and mutated frames", () => {
  const ends: [string, (random: SeededRandom, count: number) => Promise<FuzzResult>][] = [
    ["a server", fuzzServer],
    ["a client", fuzzClient],
  ];
  for (const seed of seeds) {
    test.for(ends)(`neither crash nor hang %s (seed ${seed})`, async ([, fuzz]) => {
      // Once in small, so that code and tables that are made once are not counted.
      await fuzz(seededRandom(0), 200);
      const before = await liveMiB();
      const residentBefore = process.memoryUsage.rss();
      let peak = 0;
      const watch = setInterval(() => {
        peak = Math.max(peak, process.memoryUsage.rss() - residentBefore);
      }, 10);
      const result = await fuzz(seededRandom(seed), framesCount);
      clearInterval(watch);
      const left = (await liveMiB()) - before;
      if (framesCount > 10_000)
        console.info(
          JSON.stringify({ ...result, leftMiB: left.toFixed(1), peakMiB: (peak / 2 ** 20).toFixed(0) }),
        );
      expect(left).toBeLessThan(leftMaxMiB);
      expect(peak / 2 ** 20).toBeLessThan(peakMaxMiB);
      expect(result.frames).toBeGreaterThanOrEqual(framesCount);
      // That something got through, and that something was refused, shows that the frames are broken just enough.
      expect(result.calls).toBeGreaterThan(50);
      expect(result.survived).toBeGreaterThan(0);
      expect(Object.keys(result.ended).length).toBeGreaterThan(0);
    });
  }
});
