import { createError, type Entry, idempotencyGuaranteeMs } from "@everdict/protocol";
import { turns } from "@everdict/testkit";
import { describe, expect, test } from "vitest";
import { fakeService } from "../../testing/fake-service.ts";
import { type FakeTimers, fakeTimers } from "../../testing/fake-timers.ts";
import { clientOf, type Place, place } from "../../testing/place.ts";
import { bytes, memoryServer, text } from "../../testing/session-setup.ts";
import type { SessionClientOptions } from "./session-client.ts";

const dictId = "di-1234567890123456789012";
const key = bytes("k");
const entries: Entry[] = [{ key, value: key }];

/** A client whose calls a silent server has received, and the clock of both. */
function silentServer(options: Partial<SessionClientOptions> = {}) {
  const timers = fakeTimers();
  const at = place(memoryServer(fakeService().service));
  return { timers, at, client: clientOf(at, { timers, timeoutMs: 120_000, ...options }) };
}

/** The server dies, and after so long there is another. */
async function away(at: Place, timers: FakeTimers, ms: number, next: ReturnType<typeof fakeService>) {
  const { server } = at;
  at.server = undefined;
  server!.crash();
  await timers.advance(ms);
  at.server = memoryServer(next.service);
  await timers.advance(2000);
}

describe("a call that lives by its idempotency key", () => {
  const unknown = { code: "unavailable", message: expect.stringContaining("the outcome is unknown") };

  test("is not sent again when the server may have forgotten the key; others are", async () => {
    const { timers, at, client } = silentServer();
    const lost = [
      client.pop(dictId, key),
      client.putIfAbsent(dictId, key, key),
      client.pop(dictId, key, { idempotencyKey: "mine", timeoutMs: 60_000 }),
      client.getOrCreateDict({ mode: "ephemeral", environment: "" }),
    ].map((call) => expect(call).rejects.toMatchObject(unknown));
    const get = client.get(dictId, key);
    const update = client.update(dictId, entries);
    const create = client.getOrCreateDict({ mode: "createIfMissing", environment: "", name: "d" });
    await turns();
    const info = { dictId, name: "d", createdAtSeconds: 1, createdBy: "me" };
    const after = fakeService((method) => ({ get: bytes("v"), update: true })[method] ?? info);
    await away(at, timers, idempotencyGuaranteeMs - 2000, after);
    await Promise.all(lost);
    expect(text(await get)).toBe("v");
    expect(await update).toBeUndefined();
    expect(await create).toMatchObject(info);
    expect(after.calls.map(({ method }) => method)).toEqual(["get", "update", "getOrCreateDict"]);
    await client.close();
  });

  test("is told so while it waits for a connection, not only once there is one", async () => {
    const { timers, at, client } = silentServer();
    let told: unknown;
    client.pop(dictId, key).catch((error: unknown) => {
      told = error;
    });
    await turns();
    const { server } = at;
    at.server = undefined;
    server!.crash();
    await timers.advance(10_000);
    expect(told).toBeUndefined();
    await timers.advance(8000);
    expect(told).toMatchObject(unknown);
    await client.close();
  });

  test("is not sent again either when nobody counts the time of calls", async () => {
    const { timers, at, client } = silentServer({ timeoutMs: Number.POSITIVE_INFINITY });
    const lost = expect(client.pop(dictId, key)).rejects.toMatchObject(unknown);
    await turns();
    const after = fakeService(() => bytes("v"));
    await away(at, timers, idempotencyGuaranteeMs, after);
    await lost;
    expect(after.calls).toEqual([]);
    await client.close();
  });

  test("is sent again within that time, and its age counts from the first time it was sent", async () => {
    const { timers, at, client } = silentServer();
    const call = client.pop(dictId, key);
    await turns();
    await away(at, timers, 8000, fakeService());
    const told = expect(call).rejects.toMatchObject(unknown);
    const after = fakeService(() => bytes("v"));
    await away(at, timers, 8000, after);
    await told;
    expect(after.calls).toEqual([]);
    const prompt = client.pop(dictId, key);
    await turns();
    expect(text(await prompt)).toBe("v");
    await client.close();
  });

  test("may be refused for as long as its caller waits: then nothing was done", async () => {
    const timers = fakeTimers();
    let refusals = 40;
    const { service, calls } = fakeService(() => {
      if (refusals-- > 0) throw createError("overloaded", "later", { retryAfterMs: 1000 });
      return bytes("v");
    });
    const client = clientOf(place(memoryServer(service)), { timers, timeoutMs: 120_000 });
    const call = client.pop(dictId, key);
    await timers.advance(41_000);
    expect(text(await call)).toBe("v");
    expect(calls).toHaveLength(41);
    await client.close();
  });
});

test("a stream that has delivered something ends, also if the server is only overloaded", async () => {
  async function* thenOverloaded(): AsyncGenerator<readonly Entry[]> {
    yield [{ key: bytes("a"), value: key }];
    throw createError("overloaded", "busy", { retryAfterMs: 1 });
  }
  const { service, calls } = fakeService(() => thenOverloaded());
  const client = clientOf(place(memoryServer(service)));
  const stream = client.contents(dictId, { keys: true, values: true });
  expect((await stream.next()).value).toHaveLength(1);
  await expect(stream.next()).rejects.toMatchObject({ code: "overloaded" });
  expect(calls).toHaveLength(1);
  await client.close();
});

describe("a server that falls again and again", () => {
  async function fallingEvery(ms: number, seconds: number, at: Place, timers: FakeTimers) {
    for (let passed = 0; passed < seconds * 1000; passed += ms) {
      await timers.advance(ms);
      at.server!.crash();
    }
  }

  test("does not hold a call without a timeout of its own beyond the default one", async () => {
    const { timers, at, client } = silentServer({ timeoutMs: 8000 });
    const late = expect(client.get(dictId, key)).rejects.toMatchObject({ code: "deadline_exceeded" });
    await fallingEvery(2000, 12, at, timers);
    await late;
    await client.close();
  });

  test("does not hold a large one either, which gets to the same place each time", async () => {
    const { timers, at, client } = silentServer({ timeoutMs: 8000 });
    const large = [{ key, value: new Uint8Array(200_000) }];
    const late = expect(client.update(dictId, large)).rejects.toMatchObject({
      code: "deadline_exceeded",
    });
    await fallingEvery(2000, 12, at, timers);
    await late;
    await client.close();
  });

  test("nor one that it refuses each time", async () => {
    const timers = fakeTimers();
    const { service } = fakeService(() => {
      throw createError("overloaded", "never", { retryAfterMs: 1000 });
    });
    const client = clientOf(place(memoryServer(service)), { timers, timeoutMs: 8000 });
    const late = expect(client.get(dictId, key)).rejects.toMatchObject({ code: "deadline_exceeded" });
    await timers.advance(12_000);
    await late;
    await client.close();
  });
});
