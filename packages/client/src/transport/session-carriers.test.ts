import { createError } from "@everdict/protocol";
import type { Carrier } from "@everdict/session";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { SessionCarriers } from "./session-carriers.ts";

/** An attempt to connect to one server, which the test settles. */
interface Opening {
  readonly url: string;
  readonly signal: AbortSignal;
  /** The server takes the connection. */
  accept(): Carrier & { readonly destroy: ReturnType<typeof vi.fn> };
  fail(code?: "unavailable" | "unimplemented"): void;
}

function setUp(count = 3) {
  const openings: Opening[] = [];
  const open = (url: string, signal: AbortSignal) =>
    new Promise<Carrier>((resolve, reject) => {
      const accept = () => {
        const carrier = { url, destroy: vi.fn() };
        resolve(carrier as unknown as Carrier);
        return carrier as unknown as ReturnType<Opening["accept"]>;
      };
      openings.push({ url, signal, accept, fail: (code = "unavailable") => reject(createError(code, url)) });
    });
  const urls = ["one", "two", "three"].slice(0, count);
  return { carriers: new SessionCarriers(urls, open), openings };
}

/** The attempts that were begun since the last look. */
function begun(openings: Opening[]): Opening[] {
  return openings.splice(0);
}

const attempt = (failures = 0, signal = new AbortController().signal) => ({ signal, failures });
const urlsOf = (openings: readonly Opening[]) => openings.map(({ url }) => url);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a silent server has three seconds before the next gets its turn; who is later is ended", async () => {
  const { carriers, openings } = setUp();
  const connecting = carriers.connect(attempt());
  await vi.advanceTimersByTimeAsync(2999);
  expect(urlsOf(openings)).toEqual(["one"]);
  await vi.advanceTimersByTimeAsync(3001);
  expect(urlsOf(openings)).toEqual(["one", "two", "three"]);
  const [one, two, three] = begun(openings);
  const winner = three!.accept();
  expect(await connecting).toBe(winner);
  expect([one!, two!, three!].map(({ signal }) => signal.aborted)).toEqual([true, true, false]);
  const late = two!.accept();
  one!.fail();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(late.destroy).toHaveBeenCalledOnce();
  expect(winner.destroy).not.toHaveBeenCalled();
  expect(vi.getTimerCount()).toBe(0);
});

test("there is time for the last one's turn", () => {
  expect(setUp(3).carriers.turnsMs).toBe(6000);
  expect(setUp(1).carriers.turnsMs).toBe(0);
});

test("a server that refuses gives its turn away at once; what somebody answered is what is told", async () => {
  const { carriers, openings } = setUp();
  const connecting = carriers.connect(attempt());
  const told = expect(connecting).rejects.toMatchObject({ code: "unimplemented", message: "two" });
  openings[0]!.fail();
  await vi.advanceTimersByTimeAsync(0);
  openings[1]!.fail("unimplemented");
  await vi.advanceTimersByTimeAsync(0);
  openings[2]!.fail();
  await told;
  expect(vi.getTimerCount()).toBe(0);
});

test("the next connection begins with the server of the last, unless that one fails again and again", async () => {
  const { carriers, openings } = setUp();
  const first = carriers.connect(attempt());
  openings[0]!.fail();
  await vi.advanceTimersByTimeAsync(0);
  openings[1]!.accept();
  await first;
  begun(openings);
  for (const [failures, url] of [
    [0, "two"],
    // It took the connection, and nothing came of it.
    [1, "three"],
    [2, "one"],
    [3, "two"],
  ] as const) {
    const next = carriers.connect(attempt(failures));
    const [opening] = begun(openings);
    expect(opening!.url).toBe(url);
    opening!.accept();
    await next;
  }
});

test("a caller that gives up ends all attempts, and no further one begins", async () => {
  const { carriers, openings } = setUp();
  const giveUp = new AbortController();
  const told = expect(carriers.connect(attempt(0, giveUp.signal))).rejects.toThrow("enough");
  await vi.advanceTimersByTimeAsync(3000);
  giveUp.abort(new Error("enough"));
  await told;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(openings.map(({ signal }) => signal.aborted)).toEqual([true, true]);
  const early = expect(carriers.connect(attempt(0, giveUp.signal))).rejects.toThrow("enough");
  await early;
  expect(openings).toHaveLength(2);
});
