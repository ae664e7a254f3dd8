import { describe, expect, test } from "vitest";
import { AnswerSpin } from "../client/answer-spin.ts";
import { RequestSpin } from "../server/request-spin.ts";
import { BoundedSpin, spinMaxMs } from "./bounded-spin.ts";

/** A loop whose turns the test makes, each of which takes so long. */
function fakeLoop(turnMs = 0.01) {
  const due: (() => void)[] = [];
  const state = { nowMs: 0 };
  const platform = { nextTurn: (callback: () => void) => void due.push(callback), now: () => state.nowMs };
  /** Makes turns until the loop would sleep, or so many. Answers how many. */
  const run = (most = 10_000): number => {
    for (let turns = 0; turns < most; turns++) {
      const callbacks = due.splice(0);
      if (callbacks.length === 0) return turns;
      state.nowMs += turnMs;
      for (const callback of callbacks) callback();
    }
    return most;
  };
  return { platform, run, state };
}

const fullTurns = Math.ceil(spinMaxMs / 0.01);

describe("BoundedSpin", () => {
  test("keeps the loop awake for its time and no longer, and says that it was in vain", () => {
    const { platform, run } = fakeLoop();
    let vain = 0;
    const spin = new BoundedSpin(platform, () => vain++);
    expect(run()).toBe(0);
    spin.start();
    const turns = run();
    expect(Math.abs(turns - fullTurns)).toBeLessThanOrEqual(1);
    expect(vain).toBe(1);
    expect(spin.isWanted).toBe(false);
    expect(run()).toBe(0);
  });

  test("sleeps again at once when it is stopped, which is not in vain", () => {
    const { platform, run } = fakeLoop();
    let vain = 0;
    const spin = new BoundedSpin(platform, () => vain++);
    spin.start();
    expect(run(5)).toBe(5);
    spin.stop();
    expect(run()).toBe(1);
    expect(vain).toBe(0);
  });

  test("started again while it runs it lasts from then on, in one chain of turns", () => {
    const { platform, run, state } = fakeLoop();
    const spin = new BoundedSpin(platform);
    spin.start();
    run(10);
    spin.start();
    spin.start();
    const from = state.nowMs;
    run();
    expect(state.nowMs - from).toBeCloseTo(spinMaxMs, 1);
  });
});

describe("the client's spin", () => {
  test("spins while an answer is due, and not with many outstanding", () => {
    const { platform, run } = fakeLoop();
    const spin = new AnswerSpin(platform);
    spin.sent(1, false);
    expect(run(3)).toBe(3);
    spin.received(0);
    expect(run()).toBeLessThanOrEqual(1);
    spin.sent(5, false);
    expect(run()).toBe(0);
    spin.sent(4, false);
    expect(run()).toBeGreaterThan(10);
  });

  test("stops when more become outstanding than it is good for", () => {
    const { platform, run } = fakeLoop();
    const spin = new AnswerSpin(platform);
    spin.sent(2, false);
    run(2);
    spin.sent(100, false);
    expect(run()).toBeLessThanOrEqual(1);
  });

  test("rests longer and longer where answers take longer than a spin, for reads and writes apart", () => {
    const { platform, run } = fakeLoop();
    const spin = new AnswerSpin(platform);
    const batchesBetweenSpins = (isWrite: boolean): number => {
      for (let batches = 0; ; batches++) {
        spin.sent(1, isWrite);
        if (run() > 1) return batches;
        spin.received(0);
      }
    };
    expect(batchesBetweenSpins(true)).toBe(0);
    expect([1, 2, 3, 4, 5, 6, 7, 8].map(() => batchesBetweenSpins(true))).toEqual([
      1, 2, 4, 8, 16, 32, 64, 64,
    ]);
    // Reads are still tried, and one answer in time makes the next rest short again.
    spin.sent(1, false);
    expect(run(2)).toBe(2);
    spin.received(0);
    run();
    for (let batch = 0; batch < 64; batch++) spin.sent(1, true);
    spin.sent(1, true);
    run(2);
    spin.received(0);
    run();
    expect(batchesBetweenSpins(true)).toBe(0);
    expect(batchesBetweenSpins(true)).toBe(1);
  });
});

describe("the server's spin", () => {
  test("spins after few requests", () => {
    const { platform, run } = fakeLoop();
    const spin = new RequestSpin(platform);
    expect(run()).toBe(0);
    spin.served();
    expect(run()).toBeGreaterThan(10);
  });

  test("never while an answer waits for the store; again when the last has come to its caller", () => {
    const { platform, run } = fakeLoop();
    const spin = new RequestSpin(platform);
    spin.served();
    run(2);
    spin.pendingAdded();
    spin.pendingAdded();
    spin.served();
    expect(run()).toBeLessThanOrEqual(1);
    spin.pendingRemoved(true);
    expect(run()).toBe(0);
    spin.pendingRemoved(false);
    expect(run()).toBe(0);
    spin.pendingAdded();
    spin.pendingRemoved(true);
    expect(run()).toBeGreaterThan(10);
  });
});
