import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { shareTime, waitForShared } from "./request-options.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("shareTime", () => {
  test("no bounds: nothing at all", () => {
    expect(shareTime({}, undefined)()).toBeUndefined();
  });

  test("each request gets what is left", () => {
    const { signal } = new AbortController();
    const call = shareTime({ timeoutMs: 1000, signal }, 5000);
    expect(call()).toEqual({ signal, timeoutMs: 1000 });
    vi.advanceTimersByTime(400);
    expect(call()).toEqual({ signal, timeoutMs: 600 });
    vi.advanceTimersByTime(700);
    expect(call()?.timeoutMs).toBeLessThanOrEqual(0);
  });

  test("the default applies where the call says nothing", () => {
    expect(shareTime({}, 5000)()).toEqual({ signal: undefined, timeoutMs: 5000 });
  });
});

describe("a call that was given up before it began", () => {
  test.each([
    ["an aborted signal", { signal: AbortSignal.abort("why") }, { code: "cancelled", cause: "why" }],
    ["no time", { timeoutMs: 0 }, { code: "deadline_exceeded" }],
    ["less than no time", { timeoutMs: -1 }, { code: "deadline_exceeded" }],
    ["what is no number", { timeoutMs: Number.NaN }, { code: "invalid_argument" }],
  ])("%s", (_title, options, error) => {
    expect(() => shareTime(options, undefined)).toThrow(expect.objectContaining(error));
  });
});

describe("waitForShared", () => {
  const never = new Promise<string>(() => {});

  test("hands the answer on", async () => {
    const { signal } = new AbortController();
    expect(await waitForShared(Promise.resolve("yes"), { signal, timeoutMs: 10 })).toBe("yes");
    expect(vi.getTimerCount()).toBe(0);
  });

  test("hands the error on", async () => {
    await expect(waitForShared(Promise.reject(new Error("no")), { timeoutMs: 10 })).rejects.toThrow("no");
    expect(vi.getTimerCount()).toBe(0);
  });

  test("ends at the deadline", async () => {
    const waiting = expect(waitForShared(never, { timeoutMs: 10 })).rejects.toMatchObject({
      code: "deadline_exceeded",
    });
    await vi.advanceTimersByTimeAsync(10);
    await waiting;
  });

  test("ends when the caller gives up, with its reason as cause", async () => {
    const controller = new AbortController();
    const waiting = waitForShared(never, { signal: controller.signal });
    controller.abort("enough");
    await expect(waiting).rejects.toMatchObject({ code: "cancelled", cause: "enough" });
    const late = waitForShared(never, { signal: controller.signal });
    await expect(late).rejects.toMatchObject({ code: "cancelled" });
  });

  test("a timeout longer than timers can be is none", async () => {
    const waiting = waitForShared(Promise.resolve("yes"), { timeoutMs: 2 ** 40 });
    expect(vi.getTimerCount()).toBe(0);
    expect(await waiting).toBe("yes");
  });
});
