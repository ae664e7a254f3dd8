import { turns } from "@everdict/testkit";
import { describe, expect, test } from "vitest";
import { fakeService, waiting } from "../../testing/fake-service.ts";
import { fakeTimers } from "../../testing/fake-timers.ts";
import { clientOf, place } from "../../testing/place.ts";
import { bytes, memoryServer, text } from "../../testing/session-setup.ts";

const dictId = "di-1234567890123456789012";
const key = bytes("k");

describe("a server that stops in order", () => {
  test("finishes what it has while new calls wait for the next one: nobody notices", async () => {
    const timers = fakeTimers();
    const before = fakeService((method) => (method === "pop" ? waiting : bytes("old")));
    const at = place(memoryServer(before.service));
    const client = clientOf(at, { timers });
    const slow = client.pop(dictId, key);
    await turns();
    const stopping = at.server!.host.close(60_000);
    at.server = undefined;
    await turns();
    const next = client.get(dictId, key);
    await timers.advance(2000);
    at.server = memoryServer(fakeService(() => bytes("new")).service);
    await timers.advance(1100);
    expect(text(await next)).toBe("new");
    before.calls[0]!.answer(bytes("finished"));
    expect(text(await slow)).toBe("finished");
    await stopping;
    expect(before.calls.map(({ method }) => method)).toEqual(["pop", "forget"]);
    await client.close();
  });

  test("leaves no pauses behind: the next time it stops, attempts begin as quickly as the first time", async () => {
    const timers = fakeTimers();
    const answering = () => memoryServer(fakeService(() => bytes("v")).service);
    const at = place(answering());
    const client = clientOf(at, { timers, random: () => 0.5, timeoutMs: 1e6 });
    await client.get(dictId, key);
    /** It stops, and is back after so long: how many attempts that took within the first 300 ms. */
    const restart = async (awayMs: number): Promise<number> => {
      await timers.advance(5000);
      const stopping = at.server!.host.close(60_000);
      at.server = undefined;
      await turns();
      const before = at.attempts;
      const call = client.get(dictId, key);
      await timers.advance(300);
      const attempts = at.attempts - before;
      await timers.advance(awayMs);
      at.server = answering();
      await timers.advance(2000);
      expect(text(await call)).toBe("v");
      await stopping;
      return attempts;
    };
    const first = await restart(10_000);
    expect(first).toBeGreaterThanOrEqual(4);
    expect(await restart(10_000)).toBe(first);
    await client.close();
  });

  test("and a server that takes nobody for long is not asked in a loop", async () => {
    const timers = fakeTimers();
    const at = place();
    // Says goodbye to each session as soon as it was welcomed, and answers nothing.
    const connect = async () => {
      at.attempts++;
      const server = memoryServer(fakeService().service);
      const carrier = server.connect();
      setImmediate(() => setImmediate(() => void server.host.close(60_000)));
      return carrier;
    };
    const client = clientOf(at, { timers, connect, windowOperations: 1, random: () => 0.5, timeoutMs: 1e6 });
    for (let call = 0; call < 100; call++) void client.get(dictId, key).catch(() => {});
    await timers.advance(5000);
    expect(at.attempts).toBeGreaterThan(3);
    expect(at.attempts).toBeLessThan(15);
  });

  test("a client that does not finish in time is cut off, and its calls are made again elsewhere", async () => {
    const at = place(memoryServer(fakeService().service));
    const client = clientOf(at);
    const slow = client.pop(dictId, key);
    await turns();
    const stopping = at.server!.host.close(20);
    at.server = memoryServer(fakeService(() => bytes("again")).service);
    expect(text(await slow)).toBe("again");
    await stopping;
    await client.close();
  });
});
