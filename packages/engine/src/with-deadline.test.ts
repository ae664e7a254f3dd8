import { EverdictError, systemTimers } from "@everdict/protocol";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { streamWithDeadline, withDeadline } from "./with-deadline.ts";

beforeEach(() => vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => vi.useRealTimers());

const never = new Promise<string>(() => {});

async function outcome(answer: Promise<unknown>): Promise<unknown> {
  try {
    return await answer;
  } catch (caught) {
    return caught instanceof EverdictError ? caught.code : caught;
  }
}

describe("an answer", () => {
  test("that the caller has is given whatever the options", async () => {
    const options = { timeoutMs: 5, signal: new AbortController().signal };
    expect(await withDeadline(7, options, systemTimers)).toBe(7);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("is the store's own promise when nothing could end the wait", () => {
    const answer = Promise.resolve(7);
    expect(withDeadline(answer, undefined, systemTimers)).toBe(answer);
    expect(withDeadline(answer, { idempotencyKey: "k" }, systemTimers)).toBe(answer);
  });

  test("in time leaves neither timer nor listener behind", async () => {
    const { signal } = new AbortController();
    const removed = vi.spyOn(signal, "removeEventListener");
    expect(await withDeadline(Promise.resolve(7), { timeoutMs: 50, signal }, systemTimers)).toBe(7);
    expect(vi.getTimerCount()).toBe(0);
    expect(removed).toHaveBeenCalledOnce();
    const failed = withDeadline(Promise.reject(new Error("no")), { timeoutMs: 50 }, systemTimers);
    await expect(failed).rejects.toThrow("no");
    expect(vi.getTimerCount()).toBe(0);
  });

  test("that does not come is deadline_exceeded at the deadline and not before", async () => {
    let settled: unknown = "waiting";
    void outcome(withDeadline(never, { timeoutMs: 50 }, systemTimers)).then((code) => (settled = code));
    await vi.advanceTimersByTimeAsync(49);
    expect(settled).toBe("waiting");
    await vi.advanceTimersByTimeAsync(1);
    expect(settled).toBe("deadline_exceeded");
  });

  test("that does not come is cancelled at once, with the reason as cause", async () => {
    const caller = new AbortController();
    const answer = withDeadline(never, { signal: caller.signal, timeoutMs: 50 }, systemTimers);
    const reason = new Error("changed my mind");
    caller.abort(reason);
    await expect(answer).rejects.toMatchObject({ code: "cancelled", cause: reason });
    expect(vi.getTimerCount()).toBe(0);
  });

  test("a failure after giving up troubles nobody", async () => {
    let fail = (_: Error): void => {};
    const late = new Promise<string>((_, reject) => (fail = reject));
    const answer = outcome(withDeadline(late, { timeoutMs: 1 }, systemTimers));
    await vi.advanceTimersByTimeAsync(1);
    fail(new Error("late"));
    expect(await answer).toBe("deadline_exceeded");
  });

  test("a deadline longer than a timer can be is none", async () => {
    const answer = withDeadline(Promise.resolve(7), { timeoutMs: 2 ** 31 }, systemTimers);
    expect(vi.getTimerCount()).toBe(0);
    expect(await answer).toBe(7);
  });
});

describe("a stream", () => {
  /** Gives numbers, and says when it was stopped. */
  function numbers(gate: (step: number) => Promise<unknown> = async () => {}) {
    const state = { stopped: false };
    const source = (async function* () {
      try {
        for (let step = 0; step < 3; step++) {
          await gate(step);
          yield step;
        }
      } finally {
        state.stopped = true;
      }
    })();
    return { source, state };
  }

  test("within its time is given whole", async () => {
    const { source } = numbers();
    const received: number[] = [];
    for await (const step of streamWithDeadline(source, { timeoutMs: 50 }, systemTimers)) received.push(step);
    expect(received).toEqual([0, 1, 2]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("stops its source when the consumer stops", async () => {
    const { source, state } = numbers();
    for await (const step of streamWithDeadline(source, { timeoutMs: 50 }, systemTimers)) {
      expect(step).toBe(0);
      break;
    }
    expect(state.stopped).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("is cancelled in the middle of a step that never ends", async () => {
    const caller = new AbortController();
    const { source } = numbers((step) => (step === 1 ? never : Promise.resolve()));
    const stream = streamWithDeadline(source, { signal: caller.signal }, systemTimers);
    expect((await stream.next()).value).toBe(0);
    const stuck = outcome(stream.next());
    caller.abort();
    expect(await stuck).toBe("cancelled");
    expect((await stream.next()).done).toBe(true);
  });

  test("is cancelled between two steps, and its source stopped", async () => {
    const caller = new AbortController();
    const { source, state } = numbers();
    const stream = streamWithDeadline(source, { signal: caller.signal }, systemTimers);
    await stream.next();
    caller.abort();
    expect(await outcome(stream.next())).toBe("cancelled");
    expect(state.stopped).toBe(true);
  });

  test("has one deadline for all its steps", async () => {
    const { source, state } = numbers();
    const stream = streamWithDeadline(source, { timeoutMs: 50 }, systemTimers);
    await stream.next();
    await vi.advanceTimersByTimeAsync(30);
    await stream.next();
    await vi.advanceTimersByTimeAsync(20);
    expect(await outcome(stream.next())).toBe("deadline_exceeded");
    expect(state.stopped).toBe(true);
  });

  test("fails with its source's failure", async () => {
    const { source } = numbers((step) => (step === 1 ? Promise.reject(new Error("no")) : Promise.resolve()));
    const stream = streamWithDeadline(source, { timeoutMs: 50 }, systemTimers);
    await stream.next();
    await expect(stream.next()).rejects.toThrow("no");
    expect(vi.getTimerCount()).toBe(0);
  });
});
