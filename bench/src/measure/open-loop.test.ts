import { describe, expect, test } from "vitest";
import { type LoopClock, openLoop } from "./open-loop.ts";

/** Time that passes only from turn to turn. */
class SteppedClock implements LoopClock {
  #nowMs = 0;
  readonly #stepMs: number;
  /** Called with the time of each turn. */
  onTurn: (nowMs: number) => void = () => {};

  constructor(stepMs: number) {
    this.#stepMs = stepMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  async nextTurn(): Promise<void> {
    this.#nowMs += this.#stepMs;
    this.onTurn(this.#nowMs);
    for (let settled = 0; settled < 5; settled++) await undefined;
  }
}

const load = { ratePerSecond: 1000, warmUpMs: 0, measureMs: 1000, drainMs: 100 };

describe("openLoop", () => {
  test("issues calls at their rate, whatever becomes of the earlier ones", async () => {
    const clock = new SteppedClock(1);
    const issuedAtMs: number[] = [];
    await openLoop(
      async () => {
        issuedAtMs.push(clock.nowMs());
        if (issuedAtMs.length === 1) await new Promise(() => {});
      },
      { ...load, clock },
    );
    expect(issuedAtMs).toEqual(Array.from({ length: 1000 }, (_, index) => index));
  });

  test("a stall shows in every call that was due during it", async () => {
    const clock = new SteppedClock(1);
    const held: (() => void)[] = [];
    // From 500 ms to 600 ms nothing is answered.
    const isStalled = (nowMs: number): boolean => nowMs >= 500 && nowMs < 600;
    clock.onTurn = (nowMs) => {
      if (!isStalled(nowMs)) for (const release of held.splice(0)) release();
    };
    const call = async (): Promise<void> => {
      if (isStalled(clock.nowMs())) await new Promise<void>((resolve) => held.push(resolve));
    };
    const sample = await openLoop(call, { ...load, clock });
    // A tenth of the calls waited, for 1 to 100 ms; a closed loop of one caller would have had one slow call.
    expect(sample.p50Us).toBeLessThan(1100);
    expect(sample.p99Us).toBeGreaterThan(89_000);
    expect(sample.p99Us).toBeLessThan(92_000);
    expect(sample.maxUs).toBeGreaterThan(99_000);
    expect(sample.answered).toBe(1);
  });

  test("a loop that is held up counts from when the call was due, not from when it was issued", async () => {
    const clock = new SteppedClock(50);
    const sample = await openLoop(async () => {}, { ...load, clock });
    expect(sample.p50Us).toBeGreaterThan(20_000);
    expect(sample.maxUs).toBeGreaterThan(48_000);
  });

  test("calls without an answer count with the time they have waited", async () => {
    const clock = new SteppedClock(1);
    const sample = await openLoop(
      (sequence) => (sequence < 900 ? Promise.resolve() : new Promise(() => {})),
      { ...load, clock },
    );
    expect(sample.answered).toBeCloseTo(0.9);
    expect(sample.p99Us).toBeGreaterThan(150_000);
  });

  test("an error ends the run", async () => {
    const failing = () => Promise.reject(new Error("refused"));
    await expect(openLoop(failing, { ...load, clock: new SteppedClock(1) })).rejects.toThrow("refused");
  });
});
