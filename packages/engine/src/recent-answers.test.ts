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
  test("a repeat is answered from memory, another token is another call", async () => {
    const { answers, call } = setUp();
    expect(await answers.once({ token: "a" }, "x", call)).toBe(1);
    expect(await answers.once({ token: "a" }, "x", call)).toBe(1);
    expect(await answers.once({ token: "b" }, "x", call)).toBe(2);
    expect(await answers.once({}, "x", call)).toBe(3);
    expect(await answers.once({}, "x", call)).toBe(4);
  });

  test("a token of a call with another argument is a conflict, also while that is under way", async () => {
    const { answers, call, calls } = setUp();
    const first = answers.once({ token: "a" }, "dev", call);
    await expect(answers.once({ token: "a" }, "prod", call)).rejects.toMatchObject({ code: "conflict" });
    expect(await first).toBe(1);
    await expect(answers.once({ token: "a" }, "prod", call)).rejects.toMatchObject({ code: "conflict" });
    expect(calls()).toBe(1);
  });

  test("two under way at once are one call", async () => {
    const { answers, call, calls } = setUp();
    expect(
      await Promise.all([answers.once({ token: "a" }, "x", call), answers.once({ token: "a" }, "x", call)]),
    ).toEqual([1, 1]);
    expect(calls()).toBe(1);
  });

  test("a failure is not remembered", async () => {
    const { answers, call } = setUp();
    const failing = () => Promise.reject(new Error("no"));
    await expect(answers.once({ token: "a" }, "x", failing)).rejects.toThrow("no");
    expect(await answers.once({ token: "a" }, "x", call)).toBe(1);
  });

  test("an answer is kept for its time and not longer", async () => {
    const { answers, time, call } = setUp();
    await answers.once({ token: "a" }, "x", call);
    time.nowMs = 99;
    expect(await answers.once({ token: "a" }, "x", call)).toBe(1);
    time.nowMs = 100;
    expect(await answers.once({ token: "a" }, "x", call)).toBe(2);
  });

  test("a full memory refuses new tokens as overloaded until an answer's time is over", async () => {
    const { answers, time, call } = setUp();
    for (const token of ["a", "b", "c"]) await answers.once({ token }, "x", call);
    await expect(answers.once({ token: "d" }, "x", call)).rejects.toThrowError(/3 idempotency keys/);
    expect(await answers.once({ token: "b" }, "x", call)).toBe(2);
    // Nor are they in the way of another caller's.
    expect(await answers.once({ token: "e", caller: "another" }, "x", call)).toBe(4);
    time.nowMs = 100;
    expect(await answers.once({ token: "d" }, "x", call)).toBe(5);
  });
});
