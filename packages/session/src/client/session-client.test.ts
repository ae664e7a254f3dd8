import { openMemoryEngine } from "@everdict/embedded";
import { createError, type Entry } from "@everdict/protocol";
import { turns } from "@everdict/testkit";
import { describe, expect, test } from "vitest";
import { fakeService, waiting } from "../../testing/fake-service.ts";
import { fakeTimers } from "../../testing/fake-timers.ts";
import { clientOf, place } from "../../testing/place.ts";
import { bytes, memoryServer, text, token } from "../../testing/session-setup.ts";
import type { Carrier } from "../carriers/carrier.ts";
import { SessionClient } from "./session-client.ts";

const dictId = "di-1234567890123456789012";
const key = bytes("k");

describe("connecting", () => {
  test("happens at the first call, once for all", async () => {
    const at = place(memoryServer(fakeService(() => bytes("v")).service));
    const client = clientOf(at);
    await turns();
    expect(at.attempts).toBe(0);
    const answers = await Promise.all(Array.from({ length: 10 }, () => client.get(dictId, key)));
    expect(answers.map(text)).toEqual(Array(10).fill("v"));
    expect(at.attempts).toBe(1);
    await client.close();
  });

  test("can be asked for: it resolves with the session, and tells why there is none", async () => {
    const timers = fakeTimers();
    const at = place();
    const client = clientOf(at, { timers, random: () => 0 });
    const refused = expect(Promise.all([client.ready(), client.ready()])).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("nobody is there"),
    });
    await timers.advance(1000);
    await refused;
    expect(at.attempts).toBe(4);
    at.server = memoryServer(fakeService(() => bytes("v")).service);
    await client.ready();
    await client.ready();
    expect(at.attempts).toBe(5);
    const wrong = clientOf(at, { tokenSecret: "as-wrong" });
    await expect(wrong.ready()).rejects.toMatchObject({ code: "unauthenticated" });
    at.server = undefined;
    const closed = clientOf(at);
    const opening = closed.ready();
    const told = expect(opening).rejects.toMatchObject({ code: "unavailable", message: /closed/ });
    await closed.close();
    await told;
    await expect(closed.ready()).rejects.toMatchObject({ code: "unavailable" });
    await client.close();
  });

  test("to something that serves no sessions fails at once, unless it has served them before", async () => {
    const timers = fakeTimers();
    const at = place();
    const connect = async () => {
      at.attempts++;
      if (at.server === undefined) throw createError("unimplemented", "serves no sessions");
      return at.server.connect();
    };
    const client = clientOf(at, { timers, connect });
    await expect(client.get(dictId, key)).rejects.toMatchObject({ code: "unimplemented" });
    const server = memoryServer(fakeService(() => bytes("v")).service);
    at.server = server;
    expect(text(await client.get(dictId, key))).toBe("v");
    at.server = undefined;
    server.crash();
    const call = client.get(dictId, key);
    await timers.advance(3000);
    at.server = memoryServer(fakeService(() => bytes("w")).service);
    await timers.advance(1000);
    expect(text(await call)).toBe("w");
    await client.close();
  });

  test("a server that was never there is given up after a few attempts, and the next call tries again", async () => {
    const timers = fakeTimers();
    const at = place();
    const client = clientOf(at, { timers, random: () => 0.999 });
    const call = expect(client.get(dictId, key)).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("nobody is there"),
    });
    await timers.advance(25 + 50 + 100 + 10);
    await call;
    expect(at.attempts).toBe(4);
    await timers.advance(60_000);
    expect(at.attempts).toBe(4);
    at.server = memoryServer(fakeService(() => bytes("v")).service);
    const again = client.get(dictId, key);
    await timers.advance(1000);
    expect(text(await again)).toBe("v");
    await client.close();
  });

  test("attempts back off with jitter up to the longest pause, for as long as calls wait", async () => {
    const timers = fakeTimers();
    const at = place(memoryServer(fakeService(() => bytes("v")).service));
    let chance = 0;
    const client = clientOf(at, { timers, random: () => chance, timeoutMs: 100_000 });
    await client.get(dictId, key);
    at.server!.crash();
    at.server = undefined;
    const attemptsWithin = async (ms: number) => {
      const before = at.attempts;
      await timers.advance(ms);
      return at.attempts - before;
    };
    await turns();
    expect(await attemptsWithin(10_000)).toBe(0);
    const call = client.get(dictId, key).catch((error: unknown) => error);
    // After the first at once, the pauses are halves of 25, 50, 100, 200, 400, 800 and then 1,000 ms.
    expect(await attemptsWithin(780)).toBe(5);
    expect(await attemptsWithin(5000)).toBe(10);
    chance = 0.9999;
    await timers.advance(1000);
    expect(await attemptsWithin(5000)).toBe(5);
    await timers.advance(110_000);
    expect(await call).toMatchObject({ code: "unavailable" });
    expect(await attemptsWithin(10_000)).toBe(0);
    await client.close();
  });

  test.for(["unauthenticated", "unimplemented", "permission_denied"] as const)(
    "%s is told at once, and the next call finds out anew",
    async (code) => {
      let refused = true;
      const server = memoryServer(fakeService(() => bytes("v")).service);
      const client = new SessionClient({
        ...token,
        connect: async () => {
          if (refused) throw createError(code, "no");
          return server.connect();
        },
      });
      await expect(client.get(dictId, key)).rejects.toMatchObject({ code });
      refused = false;
      expect(text(await client.get(dictId, key))).toBe("v");
      await client.close();
    },
  );

  test("a refused token is told at once", async () => {
    const at = place(memoryServer(fakeService().service));
    const client = clientOf(at, { tokenSecret: "wrong" });
    await expect(client.get(dictId, key)).rejects.toMatchObject({ code: "unauthenticated" });
    expect(at.attempts).toBe(1);
    await client.close();
  });

  test("a server that stays silent is told after the time of one attempt, if there is no time to wait", async () => {
    const timers = fakeTimers();
    let attempts = 0;
    const connect = () => {
      attempts++;
      return new Promise<Carrier>(() => {});
    };
    const client = new SessionClient({ ...token, timers, connect, connectTimeoutMs: 5000 });
    const call = client.get(dictId, key).catch((error: unknown) => error);
    await timers.advance(5000);
    expect(await call).toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("within 5000 ms"),
    });
    expect(attempts).toBe(1);
    await client.close();
  });

  test("a server that was never there is waited for, and the last attempt takes no longer than the wait", async () => {
    const timers = fakeTimers();
    const beganMs: number[] = [];
    const connect = () => {
      beganMs.push(timers.now());
      return new Promise<Carrier>(() => {});
    };
    const client = new SessionClient({
      ...token,
      timers,
      connect,
      connectTimeoutMs: 5000,
      waitForServerMs: 12_000,
    });
    const call = client.get(dictId, key).catch((error: unknown) => error);
    await timers.advance(12_001);
    expect(await call).toMatchObject({ code: "unavailable" });
    expect(beganMs).toHaveLength(3);
    await client.close();
  });

  test("an attempt that takes too long is given up, and what comes of it later is ended", async () => {
    const timers = fakeTimers();
    const server = memoryServer(fakeService(() => bytes("v")).service);
    const slow: ((carrier: Carrier) => void)[] = [];
    let isSlow = true;
    const client = new SessionClient({
      ...token,
      timers,
      waitForServerMs: 30_000,
      connect: () =>
        isSlow ? new Promise<Carrier>((resolve) => slow.push(resolve)) : Promise.resolve(server.connect()),
    });
    const call = client.get(dictId, key);
    await timers.advance(5001);
    isSlow = false;
    await timers.advance(1000);
    expect(text(await call)).toBe("v");
    slow[0]!(server.connect());
    await turns();
    expect(server.host.sessionCount).toBe(1);
    await client.close();
  });
});

describe("a lost connection", () => {
  test("calls under way are made again, those that are not repeatable under the same key", async () => {
    const before = fakeService();
    const after = fakeService((method) => (method === "get" || method === "pop" ? bytes("v") : true));
    const at = place(memoryServer(before.service));
    const client = clientOf(at);
    const calls = [
      client.get(dictId, key),
      client.pop(dictId, key),
      client.putIfAbsent(dictId, key, key),
      client.update(dictId, [{ key, value: key }]),
      client.pop(dictId, key, { idempotencyKey: "mine" }),
    ];
    await turns();
    const crashed = at.server!;
    at.server = memoryServer(after.service);
    crashed.crash();
    expect(
      (await Promise.all(calls)).map((each) => (each === true ? each : text(each as Uint8Array))),
    ).toEqual(["v", "v", true, undefined, "v"]);
    const keysOf = ({ calls: received }: typeof before) =>
      received.map(({ method, args }) => [
        method,
        (args[method === "update" ? 3 : 2] as { idempotencyKey?: string } | undefined)?.idempotencyKey,
      ]);
    expect(keysOf(after)).toEqual(keysOf(before));
    const keys = keysOf(after).map(([, each]) => each);
    expect(keys[0]).toBeUndefined();
    expect(keys[3]).toBeUndefined();
    expect(keys[4]).toBe("mine");
    expect(new Set([keys[1], keys[2]]).size).toBe(2);
    expect(keys[1]).toMatch(/^[0-9a-f]{32}-\d+$/);
    await client.close();
  });

  test("256 mixed calls outstanding over ten crashes: no error, every pop and conditional put exactly once", async () => {
    const engine = await openMemoryEngine({ sweepIntervalMs: 0 });
    const service = engine.serviceFor({ id: "one", name: "one" });
    const at = place(memoryServer(service));
    const client = clientOf(at);
    const { dictId: id } = await service.getOrCreateDict({
      mode: "createIfMissing",
      environment: "",
      name: "d",
    });
    const count = 3000;
    const entries = Array.from({ length: count }, (_, index) => ({
      key: bytes(`job-${index}`),
      value: bytes(String(index)),
    }));
    await service.update(id, entries);
    const popped: string[] = [];
    let winners = 0;
    let next = 0;
    const worker = async (): Promise<void> => {
      for (let index = next++; index < count; index = next++) {
        popped.push(text(await client.pop(id, bytes(`job-${index}`)))!);
        if (await client.putIfAbsent(id, bytes(`lock-${index >> 1}`), key)) winners++;
        await client.get(id, key);
      }
    };
    let crashes = 0;
    const crashing = (async () => {
      while (next < count) {
        await turns(12);
        if (crashes >= 10) continue;
        const { server } = at;
        at.server = memoryServer(service);
        server!.crash();
        crashes++;
      }
    })();
    await Promise.all([crashing, ...Array.from({ length: 256 }, worker)]);
    expect(crashes).toBe(10);
    expect(popped.map(Number).sort((a, b) => a - b)).toEqual(entries.map((_, index) => index));
    expect(winners).toBe(count / 2);
    await client.close();
    await engine.close();
  });

  test("a repeated delete that finds nothing has succeeded; a first one has not", async () => {
    const before = fakeService();
    const gone = () => {
      throw createError("dict_not_found", "gone");
    };
    const at = place(memoryServer(before.service));
    const client = clientOf(at);
    const deleted = client.deleteDict(dictId);
    await turns();
    const crashed = at.server!;
    at.server = memoryServer(fakeService(gone).service);
    crashed.crash();
    expect(await deleted).toBeUndefined();
    await expect(client.deleteDict(dictId)).rejects.toMatchObject({ code: "dict_not_found" });
    await client.close();
  });

  test("a change of an environment is not repeated: its outcome is unknown", async () => {
    const at = place(memoryServer(fakeService().service));
    const client = clientOf(at);
    const change = client.updateEnvironment({ currentName: "main", name: "other" });
    await turns();
    const crashed = at.server!;
    at.server = memoryServer(fakeService().service);
    crashed.crash();
    await expect(change).rejects.toMatchObject({ code: "unavailable" });
    await client.close();
  });

  test("a stream that has delivered something ends; one that has not begins again", async () => {
    async function* twoBatches(): AsyncGenerator<readonly Entry[]> {
      yield [{ key: bytes("a"), value: key }];
      await new Promise(() => {});
    }
    const at = place(memoryServer(fakeService(() => twoBatches()).service));
    const client = clientOf(at);
    const begun = client.contents(dictId, { keys: true, values: true });
    expect((await begun.next()).value).toHaveLength(1);
    const silent = memoryServer(fakeService(() => new Promise(() => {})).service);
    const crashed = at.server!;
    at.server = silent;
    crashed.crash();
    await expect(begun.next()).rejects.toMatchObject({ code: "unavailable" });
    const fresh = client.contents(dictId, { keys: true, values: true });
    const first = fresh.next();
    await turns();
    at.server = memoryServer(fakeService(() => twoBatches()).service);
    silent.crash();
    expect((await first).value).toHaveLength(1);
    await fresh.return(undefined);
    await client.close();
  });

  test("calls keep their order over a reconnect, those that waited behind those that were sent", async () => {
    const at = place(memoryServer(fakeService().service));
    const client = clientOf(at, { windowOperations: 3 });
    const answers = Array.from({ length: 8 }, (_, index) => client.get(dictId, bytes(String(index))));
    await turns();
    const after = fakeService(() => Promise.resolve(bytes("v")));
    const crashed = at.server!;
    at.server = memoryServer(after.service);
    crashed.crash();
    await Promise.all(answers);
    expect(after.calls.map(({ args }) => Number(text(args[1] as Uint8Array)))).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7,
    ]);
    await client.close();
  });

  test("a call that is given up between two connections is not made again", async () => {
    const timers = fakeTimers();
    const at = place(memoryServer(fakeService().service));
    const client = clientOf(at, { timers });
    const giveUp = new AbortController();
    const aborted = client.get(dictId, key, { signal: giveUp.signal });
    const late = client.get(dictId, key, { timeoutMs: 500 });
    const kept = client.get(dictId, bytes("kept"));
    await turns();
    at.server!.crash();
    at.server = undefined;
    await turns();
    giveUp.abort();
    await expect(aborted).rejects.toMatchObject({ code: "cancelled" });
    const lateness = expect(late).rejects.toMatchObject({ code: "deadline_exceeded" });
    await timers.advance(600);
    await lateness;
    const after = fakeService(() => bytes("v"));
    at.server = memoryServer(after.service);
    await timers.advance(1500);
    expect(text(await kept)).toBe("v");
    expect(after.calls).toHaveLength(1);
    await client.close();
  });

  test("a connection that is lost again and again right after it opened has its pauses", async () => {
    const timers = fakeTimers();
    const server = memoryServer(fakeService().service);
    const at = place(server);
    const client = clientOf(at, { timers, random: () => 0.5, timeoutMs: 1e6 });
    const call = client.get(dictId, key).catch(() => {});
    for (let round = 0; round < 100; round++) {
      await timers.advance(100);
      server.crash();
    }
    expect(at.attempts).toBeGreaterThan(5);
    expect(at.attempts).toBeLessThan(25);
    at.server = memoryServer(fakeService(() => bytes("v")).service);
    await timers.advance(2000);
    await call;
    await client.close();
  });
});

describe("errors that pass", () => {
  test("an overloaded server is asked again when it says, until the call's time is over", async () => {
    const timers = fakeTimers();
    let refusals = 6;
    const { service, calls } = fakeService(() => {
      if (refusals-- > 0) throw createError("overloaded", "later", { retryAfterMs: 700 });
      return bytes("v");
    });
    const client = clientOf(place(memoryServer(service)), { timers });
    const call = client.get(dictId, key);
    await timers.advance(700 * 6 - 100);
    expect(calls).toHaveLength(6);
    await timers.advance(200);
    expect(text(await call)).toBe("v");
    refusals = Number.POSITIVE_INFINITY;
    const late = expect(client.get(dictId, key, { timeoutMs: 5000 })).rejects.toMatchObject({
      code: "deadline_exceeded",
    });
    await timers.advance(5100);
    await late;
    const atEnd = calls.length;
    await timers.advance(5000);
    expect(calls).toHaveLength(atEnd);
    await client.close();
  });

  test("an overloaded server is not asked for longer than the limit for such waits", async () => {
    const timers = fakeTimers();
    let calls = 0;
    const { service } = fakeService(() => {
      calls++;
      throw createError("overloaded", "not now", { retryAfterMs: 40 });
    });
    const client = clientOf(place(memoryServer(service)), { timers, maxThrottleWaitMs: 100 });
    const call = expect(client.get(dictId, key)).rejects.toMatchObject({ code: "overloaded" });
    for (let step = 0; step < 10; step++) await timers.advance(40);
    await call;
    expect(calls).toBe(3);
    await client.close();
  });

  test("those that leave the outcome open are repeated three times, others not at all", async () => {
    for (const [code, times] of [
      ["unavailable", 4],
      ["store_closed", 4],
      ["dict_not_found", 1],
      ["deadline_exceeded", 4],
      ["store_full", 1],
    ] as const) {
      const timers = fakeTimers();
      const { service, calls } = fakeService(() => {
        throw createError(code, "no");
      });
      const client = clientOf(place(memoryServer(service)), { timers });
      const failed = expect(client.pop(dictId, key)).rejects.toMatchObject({ code });
      await timers.advance(10_000);
      await failed;
      expect(calls).toHaveLength(times);
      expect(new Set(calls.map(({ args }) => JSON.stringify(args[2]))).size).toBe(1);
      await client.close();
    }
  });
});

describe("settled keys", () => {
  /** What the server was told to forget, as method and key number. */
  function forgotten(calls: readonly { method: string; args: readonly unknown[] }[]): [string, number][] {
    return calls
      .filter(({ method }) => method === "forget")
      .flatMap(({ args: [, method, keys] }) =>
        (keys as string[]).map((each): [string, number] => [method as string, Number(each.split("-")[1])]),
      );
  }

  test("are told to the server in batches, and at the end; each once", async () => {
    const { service, calls } = fakeService((method) => (method === "update" ? true : undefined));
    const client = clientOf(place(memoryServer(service)));
    const entries: Entry[] = [{ key, value: key }];
    for (let round = 0; round < 5; round++) {
      const pops = Array.from({ length: 40 }, () => client.pop(dictId, key));
      const puts = Array.from({ length: 40 }, () => client.putIfAbsent(dictId, key, key));
      await Promise.all([...pops, ...puts, client.get(dictId, key), client.update(dictId, entries)]);
    }
    await turns();
    expect(forgotten(calls).length).toBeGreaterThanOrEqual(256);
    await client.close();
    await turns();
    const all = forgotten(calls);
    expect(all.map(([, number]) => number).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 400 }, (_, at) => at),
    );
    expect(all.filter(([method]) => method === "pop")).toHaveLength(200);
  });

  test("of calls that failed, or were sent more than once, are not among them", async () => {
    const at = place();
    const waits = fakeService(() => waiting);
    const server = memoryServer(waits.service);
    at.server = server;
    const client = clientOf(at);
    const lost = client.pop(dictId, key);
    await turns();
    const { service, calls } = fakeService((_method, args) => {
      if (args[0] === "di-missing") throw createError("dict_not_found", "no");
      return undefined;
    });
    at.server = memoryServer(service);
    server.crash();
    expect(await lost).toBeUndefined();
    await expect(client.pop("di-missing", key)).rejects.toMatchObject({ code: "dict_not_found" });
    await client.pop(dictId, key);
    await client.close();
    await turns();
    expect(forgotten(calls)).toEqual([["pop", 2]]);
  });
});

describe("close()", () => {
  test("waits for calls under way, refuses new ones, and leaves no timer and no session", async () => {
    const timers = fakeTimers();
    const { service, calls } = fakeService();
    const server = memoryServer(service);
    const client = clientOf(place(server), { timers });
    const call = client.get(dictId, key);
    await turns();
    const closing = client.close();
    await expect(client.get(dictId, key)).rejects.toMatchObject({ code: "unavailable" });
    calls[0]!.answer(bytes("v"));
    expect(text(await call)).toBe("v");
    await closing;
    await turns();
    expect(server.host.sessionCount).toBe(0);
    expect(timers.count).toBe(0);
    await client.close();
  });

  test("ends a stream that nobody takes from any more", async () => {
    async function* endless() {
      for (;;) {
        yield [{ key, value: key }];
        await turns(1);
      }
    }
    const { service } = fakeService(endless);
    const client = clientOf(place(memoryServer(service)));
    const stream = client.contents(dictId, { keys: true, values: true })[Symbol.asyncIterator]();
    await stream.next();
    await client.close();
    await expect(stream.next()).rejects.toMatchObject({ code: "unavailable" });
  });

  test("ends a stream that pauses because the server was overloaded", async () => {
    const timers = fakeTimers();
    const { service, calls } = fakeService(() => {
      throw createError("overloaded", "later", { retryAfterMs: 700 });
    });
    const client = clientOf(place(memoryServer(service)), { timers });
    const stream = client.contents(dictId, { keys: true, values: true })[Symbol.asyncIterator]();
    const first = expect(stream.next()).rejects.toMatchObject({ code: "unavailable" });
    await turns();
    expect(calls).toHaveLength(1);
    await client.close();
    await first;
    expect(timers.count).toBe(0);
  });

  test("of a client that was never used does nothing", async () => {
    const at = place();
    await clientOf(at).close();
    expect(at.attempts).toBe(0);
  });
});

test("options out of range are refused by name", () => {
  const at = place();
  expect(() => clientOf(at, { windowOperations: 0 })).toThrow("windowOperations is 0");
  expect(() => clientOf(at, { timeoutMs: Number.NaN })).toThrow("timeoutMs is NaN");
  expect(() => clientOf(at, { tokenSecret: "s".repeat(5000) })).toThrow("4096 bytes");
});
