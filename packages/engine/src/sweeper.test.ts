import { createError, type EverdictError, systemTimers } from "@everdict/protocol";
import { createMemoryStore, type Store, type SweepResult } from "@everdict/store";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Sweeper } from "./sweeper.ts";

beforeEach(() => vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => vi.useRealTimers());

/** A store of which only the sweeping is scripted. */
function setUp(sweep: (call: number) => SweepResult | Promise<SweepResult>, intervalMs = 1000) {
  const store: Store = createMemoryStore();
  const slices: number[] = [];
  store.sweep = async (maxEntries) => {
    slices.push(maxEntries);
    return sweep(slices.length);
  };
  const errors: EverdictError[] = [];
  const onError = (error: EverdictError) => errors.push(error);
  const sweeper = new Sweeper({ store, intervalMs, timers: systemTimers, onError });
  return { sweeper, slices, errors };
}

const nothing: SweepResult = { removed: 0, more: false };

describe("a sweeper", () => {
  test("goes on in bounded slices until nothing more is due", async () => {
    const { sweeper, slices } = setUp((call) => ({ removed: 10, more: call < 4 }));
    expect(await sweeper.sweep()).toEqual({ removed: 40 });
    expect(slices).toEqual([1000, 1000, 1000, 1000]);
    expect(sweeper.stats).toEqual({ passes: 1, removed: 40, failures: 0 });
  });

  test("lets others have their turn between two slices", async () => {
    const steps: string[] = [];
    const { sweeper } = setUp((call) => {
      steps.push(`slice ${call}`);
      setImmediate(() => steps.push("other"));
      return { removed: 1, more: call < 3 };
    });
    await sweeper.sweep();
    expect(steps).toEqual(["slice 1", "other", "slice 2", "other", "slice 3"]);
  });

  test("does one pass at a time", async () => {
    let running = 0;
    const { sweeper } = setUp(async (call) => {
      running++;
      expect(running).toBe(1);
      await new Promise(setImmediate);
      running--;
      return { removed: 1, more: call % 2 === 1 };
    });
    expect(await Promise.all([sweeper.sweep(), sweeper.sweep()])).toEqual([{ removed: 2 }, { removed: 2 }]);
  });

  test("sweeps of its own accord, each time the interval after the last pass", async () => {
    const { sweeper, slices } = setUp(() => nothing);
    sweeper.start();
    await vi.advanceTimersByTimeAsync(999);
    expect(slices.length).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(slices.length).toBe(1);
    await vi.advanceTimersByTimeAsync(5000);
    expect(slices.length).toBe(6);
    await sweeper.stop();
    await vi.advanceTimersByTimeAsync(5000);
    expect(slices.length).toBe(6);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("with an interval of 0 sweeps only when asked to", async () => {
    const { sweeper } = setUp(() => nothing, 0);
    sweeper.start();
    expect(vi.getTimerCount()).toBe(0);
    expect(await sweeper.sweep()).toEqual({ removed: 0 });
  });

  test("reports a failed pass and goes on with the next one", async () => {
    const { sweeper, errors } = setUp((call) => {
      if (call === 1) throw createError("store_full", "no room");
      return { removed: 3, more: false };
    });
    sweeper.start();
    await vi.advanceTimersByTimeAsync(1000);
    expect(errors.map(({ code }) => code)).toEqual(["store_full"]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(sweeper.stats).toEqual({ passes: 1, removed: 3, failures: 1 });
  });

  test("stops after the slice under way, and then refuses", async () => {
    const { sweeper, slices, errors } = setUp(() => ({ removed: 1, more: true }));
    const pass = sweeper.sweep();
    const refused = expect(pass).rejects.toMatchObject({ code: "store_closed" });
    await new Promise(setImmediate);
    await sweeper.stop();
    await refused;
    const done = slices.length;
    await expect(sweeper.sweep()).rejects.toMatchObject({ code: "store_closed" });
    expect(slices.length).toBe(done);
    expect(errors).toEqual([]);
  });

  test("a timer of the platform that runs in the background keeps no process alive", () => {
    vi.useRealTimers();
    const background = systemTimers.set(() => {}, 60_000, true) as NodeJS.Timeout;
    const foreground = systemTimers.set(() => {}, 60_000, false) as NodeJS.Timeout;
    expect([background.hasRef(), foreground.hasRef()]).toEqual([false, true]);
    systemTimers.clear(background);
    systemTimers.clear(foreground);
  });
});
