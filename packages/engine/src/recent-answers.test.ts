import { describe, expect, test } from "vitest";
import { RecentAnswers } from "./recent-answers.ts";

function setUp() {
  const time = { nowMs: 0 };
  const answers = new RecentAnswers<number>({ clock: () => time.nowMs, retentionMs: 100, maxAnswers: 3 });
  let calls = 0;
  const call = async () => ++calls;
  return { answers, time, call, calls: () => calls };
}

describe("recent answers", () => {
  test("a repeat is answered from memory, another key is another call", async () => {
    const { answers, call } = setUp();
    expect(await answers.once({ idempotencyKey: "a" }, "x", call)).toBe(1);
    expect(await answers.once({ idempotencyKey: "a" }, "x", call)).toBe(1);
    expect(await answers.once({ idempotencyKey: "b" }, "x", call)).toBe(2);
    expect(await answers.once({}, "x", call)).toBe(3);
    expect(await answers.once({}, "x", call)).toBe(4);
  });

  test("an idempotency key of a call with another argument is a conflict, also while that is under way", async () => {
    const { answers, call, calls } = setUp();
    const first = answers.once({ idempotencyKey: "a" }, "dev", call);
    await expect(answers.once({ idempotencyKey: "a" }, "prod", call)).rejects.toMatchObject({
      code: "conflict",
    });
    expect(await first).toBe(1);
    await expect(answers.once({ idempotencyKey: "a" }, "prod", call)).rejects.toMatchObject({
      code: "conflict",
    });
    expect(calls()).toBe(1);
  });

  test("two under way at once are one call", async () => {
    const { answers, call, calls } = setUp();
    expect(
      await Promise.all([
        answers.once({ idempotencyKey: "a" }, "x", call),
        answers.once({ idempotencyKey: "a" }, "x", call),
      ]),
    ).toEqual([1, 1]);
    expect(calls()).toBe(1);
  });

  test("a failure is not remembered", async () => {
    const { answers, call } = setUp();
    const failing = () => Promise.reject(new Error("no"));
    await expect(answers.once({ idempotencyKey: "a" }, "x", failing)).rejects.toThrow("no");
    expect(await answers.once({ idempotencyKey: "a" }, "x", call)).toBe(1);
  });

  test("an answer is kept for its time and not longer", async () => {
    const { answers, time, call } = setUp();
    await answers.once({ idempotencyKey: "a" }, "x", call);
    time.nowMs = 99;
    expect(await answers.once({ idempotencyKey: "a" }, "x", call)).toBe(1);
    time.nowMs = 100;
    expect(await answers.once({ idempotencyKey: "a" }, "x", call)).toBe(2);
  });

  test("a full memory refuses new keys as overloaded until an answer's time is over", async () => {
    const { answers, time, call } = setUp();
    for (const idempotencyKey of ["a", "b", "c"]) await answers.once({ idempotencyKey }, "x", call);
    await expect(answers.once({ idempotencyKey: "d" }, "x", call)).rejects.toThrowError(/3 idempotency keys/);
    expect(await answers.once({ idempotencyKey: "b" }, "x", call)).toBe(2);
    // Nor are they in the way of another caller's.
    expect(await answers.once({ idempotencyKey: "e", caller: "another" }, "x", call)).toBe(4);
    time.nowMs = 100;
    expect(await answers.once({ idempotencyKey: "d" }, "x", call)).toBe(5);
  });
});
