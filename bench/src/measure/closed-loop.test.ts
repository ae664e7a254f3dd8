import { describe, expect, test } from "vitest";
import { closedLoop } from "./closed-loop.ts";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const brief = { warmUpMs: 1, measureMs: 5 };

describe("closedLoop", () => {
  test("keeps so many calls under way, never more", async () => {
    let underWay = 0;
    let most = 0;
    const { sample } = await closedLoop(
      async () => {
        most = Math.max(most, ++underWay);
        await turn();
        underWay--;
      },
      { ...brief, outstanding: 7 },
    );
    expect(most).toBe(7);
    expect(sample.perSecond).toBeGreaterThan(0);
  });

  test("stops after the most operations, each of which has a number of its own", async () => {
    const seen: number[] = [];
    const { issued } = await closedLoop(
      async (sequence) => {
        seen.push(sequence);
        await turn();
      },
      { ...brief, measureMs: Number.POSITIVE_INFINITY, outstanding: 10, operationsMax: 25 },
    );
    expect(issued).toBe(25);
    expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 25 }, (_, index) => index));
  });

  test("an operation that finds nothing fails the run, if it must answer", async () => {
    await expect(closedLoop(turn, { ...brief, outstanding: 1, mustAnswer: true })).rejects.toThrow(
      "found nothing",
    );
  });
});
