import { createError, type DictService, type Entry } from "@everdict/protocol";
import { turns } from "@everdict/testkit";
import { describe, expect, test } from "vitest";
import { fakeService, waiting } from "../../testing/fake-service.ts";
import { fakeTimers } from "../../testing/fake-timers.ts";
import { dictFrame, errorCode, frame, rawPeer } from "../../testing/raw-peer.ts";
import { bytes, connected, memoryServer, text, token } from "../../testing/session-setup.ts";
import { FrameType } from "../frames/wire.ts";
import { carrierPair } from "../index.ts";
import { writeWelcome } from "../messages/handshake.ts";
import { SessionClientConnection } from "./client-connection.ts";

const dictId = "di-1234567890123456789012";
const key = bytes("k");

/** A connection to a server that the test plays by hand. */
function againstRawServer(options: ConstructorParameters<typeof SessionClientConnection>[1] = {}) {
  const [clientEnd, serverEnd] = carrierPair();
  const server = rawPeer(serverEnd);
  const connection = new SessionClientConnection(clientEnd, { ...token, ...options });
  const welcome = (settings: [number, number][] = []) => {
    const all = new Map<number, number>([[2, 1 << 20], [6, 16], ...settings]);
    server.send(
      frame(FrameType.welcome, 0, (sink) => writeWelcome(sink, { version: 1, agent: "raw", settings: all })),
    );
  };
  return { connection, server, welcome };
}

describe("calls of one connection", () => {
  test("calls of one turn travel in one piece, and each gets its own answer in any order", async () => {
    const { connection, server, welcome } = againstRawServer();
    welcome();
    await connection.ready;
    const before = server.pieces;
    const answers = Array.from({ length: 5 }, (_, index) => connection.get(dictId, bytes(`key-${index}`)));
    await turns();
    expect(server.pieces).toBe(before + 1);
    const gets = server.ofType(FrameType.get);
    expect(gets).toHaveLength(5);
    for (const { id, content } of gets.reverse()) {
      const asked = text(content.subarray(5))!;
      server.send(frame(FrameType.value, id, (sink) => sink.raw(bytes(`value of ${asked}`))));
    }
    expect((await Promise.all(answers)).map(text)).toEqual([0, 1, 2, 3, 4].map((n) => `value of key-${n}`));
    server.destroy();
  });

  test("a dictionary is announced once and then named by number; beyond the numbers the oldest is given away", async () => {
    const { connection, server, welcome } = againstRawServer();
    welcome([[6, 2]]);
    await connection.ready;
    for (const id of ["di-a", "di-b", "di-a", "di-c", "di-c", "di-a"])
      void connection.len(id).catch(() => {});
    await turns();
    const dicts = server.ofType(FrameType.dict).map(({ id, content }) => [id, text(content.subarray(4))]);
    expect(dicts).toEqual([
      [0, "di-a"],
      [1, "di-b"],
      [0, "di-c"],
      [1, "di-a"],
    ]);
    const numbers = server.ofType(FrameType.len).map(({ content }) => content[1]);
    expect(numbers).toEqual([0, 1, 0, 0, 0, 1]);
    server.destroy();
  });

  test("errors keep code, message and the wait that the server asks for", async () => {
    const { service } = fakeService(() => {
      throw createError("overloaded", "too much of 5, limit is 4", { retryAfterMs: 1234 });
    });
    const { connection } = connected(service);
    await expect(connection.get(dictId, key)).rejects.toMatchObject({
      code: "overloaded",
      message: "too much of 5, limit is 4",
      retryAfterMs: 1234,
      name: "ServiceError",
    });
    await connection.close();
  });

  test("what is no error of the table is told to the server's owner, not to the client", async () => {
    const defects: unknown[] = [];
    const { service } = fakeService(() => Promise.reject(new Error("secret detail")));
    const { connection } = connected(service, {}, { onDefect: (caught) => defects.push(caught) });
    const failure = await connection.get(dictId, key).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "internal" });
    expect(String(failure)).not.toContain("secret");
    expect(defects).toHaveLength(1);
    await connection.close();
  });

  test("answers that are there at once need no promise of the service", async () => {
    const answers: Record<string, unknown> = {
      get: bytes("v"),
      contains: true,
      len: 7,
      update: false,
      clear: undefined,
    };
    const { service } = fakeService((method) => answers[method]);
    const { connection } = connected(service);
    expect(text(await connection.get(dictId, key))).toBe("v");
    expect(await connection.contains(dictId, key)).toBe(true);
    expect(await connection.len(dictId)).toBe(7);
    expect(await connection.putIfAbsent(dictId, key, key)).toBe(false);
    expect(await connection.clear(dictId)).toBeUndefined();
    await connection.close();
  });

  test("a call carries its deadline and its idempotency key; a call without them carries nothing", async () => {
    const { service, calls } = fakeService(() => Promise.resolve(undefined));
    const { connection } = connected(service);
    await connection.pop(dictId, key, { timeoutMs: 60_000, idempotencyKey: "schlüssel" });
    await connection.pop(dictId, key);
    const options = calls.map(({ args }) => args[2] as { timeoutMs: number } | undefined);
    expect(options[0]).toMatchObject({ idempotencyKey: "schlüssel" });
    expect(options[0]!.timeoutMs).toBeGreaterThan(50_000);
    expect(options[0]!.timeoutMs).toBeLessThanOrEqual(60_000);
    expect(options[1]).toEqual({ room: expect.anything() });
    await connection.close();
  });
});

describe("the window", () => {
  test("beyond it calls wait in order", async () => {
    const { service, calls } = fakeService();
    const { connection } = connected(service, { windowOperations: 2 });
    const done: number[] = [];
    for (let index = 0; index < 5; index++) {
      void connection.get(dictId, bytes(String(index))).then(() => done.push(index));
    }
    await turns();
    const asked = () => calls.map(({ args }) => Number(text(args[1] as Uint8Array)));
    expect(asked()).toEqual([0, 1]);
    calls[1]!.answer(undefined);
    await turns();
    expect(asked()).toEqual([0, 1, 2]);
    for (const call of calls) call.answer(undefined);
    await turns();
    for (const call of calls) call.answer(undefined);
    await turns();
    expect(done).toEqual([1, 0, 2, 3, 4]);
    await connection.close();
  });

  test("it is one of bytes too; a single call that is larger still goes", async () => {
    const { service, calls } = fakeService();
    const { connection } = connected(service, { windowBytes: 5000 });
    for (let index = 0; index < 4; index++) void connection.get(dictId, new Uint8Array(2000)).catch(() => {});
    await turns();
    expect(calls).toHaveLength(2);
    for (const call of calls) call.answer(undefined);
    await turns();
    expect(calls).toHaveLength(4);
    for (const call of calls) call.answer(undefined);
    await turns();
    void connection.get(dictId, new Uint8Array(9000)).catch(() => {});
    await turns();
    expect(calls).toHaveLength(5);
    for (const call of calls) call.answer(undefined);
    await connection.close();
  });

  test("who waits for room can give up by signal and by timeout, and leaves nothing behind", async () => {
    const { service, calls } = fakeService();
    const timers = fakeTimers();
    const { connection } = connected(service, { windowOperations: 1, timers });
    const first = connection.get(dictId, bytes("first"));
    const aborting = new AbortController();
    const aborted = connection.get(dictId, bytes("aborted"), { signal: aborting.signal });
    const late = connection.get(dictId, bytes("late"), { timeoutMs: 50 });
    const patient = connection.get(dictId, bytes("patient"));
    await turns();
    aborting.abort(new Error("enough"));
    await expect(aborted).rejects.toMatchObject({ code: "cancelled", cause: new Error("enough") });
    const lateness = expect(late).rejects.toMatchObject({ code: "deadline_exceeded" });
    await timers.advance(51);
    await lateness;
    calls[0]!.answer(undefined);
    await first;
    await turns();
    expect(calls.map(({ args }) => text(args[1] as Uint8Array))).toEqual(["first", "patient"]);
    calls[1]!.answer(bytes("v"));
    expect(text(await patient)).toBe("v");
    await connection.close();
    expect(timers.count).toBe(0);
  });

  test("a stream and a large value do not hold up small calls, whatever the window", async () => {
    const { service, calls } = fakeService((method) => (method === "contents" ? endless() : waiting));
    const { connection } = connected(service, { windowOperations: 1 });
    const stream = connection.contents(dictId, { keys: true, values: true });
    await stream.next();
    void connection.update(dictId, [{ key, value: new Uint8Array(500_000) }]).catch(() => {});
    void connection.update(dictId, [{ key, value: new Uint8Array(500_000) }]).catch(() => {});
    void connection.get(dictId, key).catch(() => {});
    await turns(50);
    expect(calls.map(({ method }) => method)).toEqual(["contents", "get", "update"]);
    for (const call of calls) call.answer(true);
    await stream.return(undefined);
    await turns(50);
    for (const call of calls) call.answer(true);
    await connection.close();
  });
});

async function* endless(): AsyncGenerator<readonly Entry[]> {
  for (let index = 0; ; index++) {
    yield Array.from({ length: 10 }, (_, each) => ({
      key: bytes(`${index}-${each}`),
      value: new Uint8Array(100),
    }));
  }
}

describe("deadlines and cancellation", () => {
  test("a call without a timeout has the connection's", async () => {
    const { service } = fakeService();
    const timers = fakeTimers();
    const { connection } = connected(service, { timers, timeoutMs: 8000 });
    let failure: unknown;
    connection.get(dictId, key).catch((error: unknown) => {
      failure = error;
    });
    await turns();
    await timers.advance(7900);
    expect(failure).toBeUndefined();
    await timers.advance(2100);
    expect(failure).toMatchObject({ code: "deadline_exceeded", message: expect.stringContaining("8000 ms") });
  });

  test("a call that was given up frees its place only when the answer comes", async () => {
    const { service, calls } = fakeService();
    const { connection } = connected(service, { windowOperations: 1 });
    const caller = new AbortController();
    const first = connection.get(dictId, key, { signal: caller.signal });
    await turns();
    caller.abort();
    await expect(first).rejects.toMatchObject({ code: "cancelled" });
    const next = connection.get(dictId, bytes("next"));
    await turns();
    expect(calls).toHaveLength(1);
    calls[0]!.answer(bytes("too late"));
    await turns();
    expect(calls).toHaveLength(2);
    calls[1]!.answer(bytes("in time"));
    expect(text(await next)).toBe("in time");
    await connection.close();
  });

  test("what was given up before it began does nothing", async () => {
    const { service, calls } = fakeService();
    const { connection } = connected(service);
    const rejected = async (options: Parameters<DictService["get"]>[2], code: string) => {
      await expect(connection.get(dictId, key, options)).rejects.toMatchObject({ code });
      const stream = connection.contents(dictId, { keys: true, values: true }, options);
      await expect(stream.next()).rejects.toMatchObject({ code });
    };
    await rejected({ signal: AbortSignal.abort() }, "cancelled");
    await rejected({ timeoutMs: 0 }, "deadline_exceeded");
    await rejected({ timeoutMs: Number.NaN }, "invalid_argument");
    await turns();
    expect(calls).toHaveLength(0);
    await connection.close();
  });

  test("a large request that is given up is not sent to its end", async () => {
    const { service, calls } = fakeService();
    const server = memoryServer(service);
    let arrived = 0;
    const carrier = server.connect({
      transform: (piece) => {
        arrived += piece.length;
        return [piece];
      },
    });
    const connection = new SessionClientConnection(carrier, token);
    await connection.ready;
    const giveUp = new AbortController();
    const large = connection.update(dictId, [{ key, value: new Uint8Array(50_000_000) }], giveUp);
    await turns(20);
    giveUp.abort();
    await expect(large).rejects.toMatchObject({ code: "cancelled" });
    await turns(100);
    expect(arrived).toBeLessThan(20_000_000);
    expect(calls).toHaveLength(0);
    const small = connection.get(dictId, key);
    await turns();
    calls[0]!.answer(bytes("still alive"));
    expect(text(await small)).toBe("still alive");
    await connection.close();
  });
});

describe("streams", () => {
  test("the server sends no more than the consumer has given credit for", async () => {
    let yielded = 0;
    const { service } = fakeService(() =>
      (async function* () {
        for await (const batch of endless()) {
          yielded += batch.length * 108;
          yield batch;
        }
      })(),
    );
    const { connection } = connected(service);
    const stream = connection.contents(dictId, { keys: true, values: true });
    await stream.next();
    await turns(300);
    expect(yielded).toBeGreaterThan(200_000);
    expect(yielded).toBeLessThan(400_000);
    const held = yielded;
    for (let taken = 0; taken < 200; taken++) await stream.next();
    await turns(300);
    expect(yielded).toBeGreaterThan(held + 100_000);
    await stream.return(undefined);
    await connection.close();
  });

  test("a consumer that stops ends the service's stream, and the connection goes on", async () => {
    let released = 0;
    const { service } = fakeService((method) => {
      if (method !== "contents") return bytes("v");
      return (async function* () {
        try {
          yield* endless();
        } finally {
          released++;
        }
      })();
    });
    const { connection } = connected(service);
    for await (const batch of connection.contents(dictId, { keys: true, values: true })) {
      expect(batch.length).toBeGreaterThan(0);
      break;
    }
    await turns(20);
    expect(released).toBe(1);
    expect(text(await connection.get(dictId, key))).toBe("v");
    await connection.close();
  });

  test("an abort ends a stream at once, also while it waits", async () => {
    const { service } = fakeService(() =>
      (async function* () {
        yield [{ key, value: key }];
        await new Promise(() => {});
      })(),
    );
    const { connection, server } = connected(service);
    const giveUp = new AbortController();
    const stream = connection.contents(dictId, { keys: true, values: true }, { signal: giveUp.signal });
    expect((await stream.next()).value).toHaveLength(1);
    const next = stream.next();
    await turns();
    giveUp.abort();
    await expect(next).rejects.toMatchObject({ code: "cancelled" });
    server.crash();
    await connection.closed;
  });

  test("a stream that brings nothing for the default timeout ends; one whose consumer is slow does not", async () => {
    const timers = fakeTimers();
    const { service } = fakeService(() =>
      (async function* () {
        yield [{ key, value: key }];
        await new Promise(() => {});
      })(),
    );
    const { connection, server } = connected(service, { timers, timeoutMs: 4000, pingIntervalMs: 1e9 });
    const stream = connection.contents(dictId, { keys: true, values: true });
    await stream.next();
    await timers.advance(60_000);
    const next = expect(stream.next()).rejects.toMatchObject({ code: "deadline_exceeded" });
    await timers.advance(10_000);
    await next;
    server.crash();
    await connection.closed;
  });
});

describe("the life of a connection", () => {
  test("a server that does not accept in time is given up", async () => {
    const timers = fakeTimers();
    const { connection } = againstRawServer({ timers, openTimeoutMs: 3000 });
    const refused = expect(connection.ready).rejects.toMatchObject({ code: "unavailable" });
    const call = expect(connection.get(dictId, key)).rejects.toMatchObject({ code: "unavailable" });
    await timers.advance(3001);
    await Promise.all([refused, call]);
  });

  test("a wrong token is told to who waits and to who calls later", async () => {
    const server = memoryServer(fakeService().service);
    const connection = new SessionClientConnection(server.connect(), { ...token, tokenSecret: "wrong" });
    await expect(connection.get(dictId, key)).rejects.toMatchObject({ code: "unauthenticated" });
    await expect(connection.ready).rejects.toMatchObject({ code: "unauthenticated" });
    await expect(connection.get(dictId, key)).rejects.toMatchObject({ code: "unauthenticated" });
    expect(await connection.closed).toMatchObject({ code: "unauthenticated" });
  });

  test("when the connection is lost, calls under way and waiting end with `unavailable`", async () => {
    const { service } = fakeService((method) => (method === "contents" ? endless() : waiting));
    const { connection, server } = connected(service, { windowOperations: 1 });
    const calls = [connection.get(dictId, key), connection.get(dictId, key)];
    const stream = connection.contents(dictId, { keys: true, values: true });
    await stream.next();
    server.crash();
    await connection.closed;
    for (const each of [...calls, stream.next()])
      await expect(each).rejects.toMatchObject({ code: "unavailable" });
    await expect(connection.get(dictId, key)).rejects.toMatchObject({ code: "unavailable" });
  });

  test("close() waits for calls under way and refuses new ones", async () => {
    const { service, calls } = fakeService();
    const { connection } = connected(service);
    const call = connection.get(dictId, key);
    await turns();
    const closing = connection.close();
    await expect(connection.get(dictId, key)).rejects.toMatchObject({ code: "unavailable" });
    calls[0]!.answer(bytes("v"));
    expect(text(await call)).toBe("v");
    await closing;
  });

  test("silence while an answer is due is asked about, and then ends the connection", async () => {
    const timers = fakeTimers();
    const { connection, server, welcome } = againstRawServer({
      timers,
      pingIntervalMs: 1000,
      timeoutMs: 1e6,
    });
    welcome();
    await timers.advance(5000);
    expect(server.ofType(FrameType.ping)).toHaveLength(0);
    const call = connection.get(dictId, key);
    await timers.advance(1000);
    expect(server.ofType(FrameType.ping)).toHaveLength(1);
    server.send(frame(FrameType.pong, 0));
    await timers.advance(2000);
    expect(server.ofType(FrameType.ping)).toHaveLength(2);
    const lost = expect(call).rejects.toMatchObject({ code: "unavailable" });
    await timers.advance(1000);
    await lost;
    expect(server.isClosed).toBe(true);
  });

  test("the server's pings are answered, and frames of the future skipped", async () => {
    const { connection, server, welcome } = againstRawServer();
    welcome();
    await connection.ready;
    server.send(
      frame(0xe7, 5, (sink) => sink.text("later")),
      frame(FrameType.ping, 77),
    );
    await turns();
    expect(server.ofType(FrameType.pong).map(({ id }) => id)).toEqual([77]);
    server.destroy();
  });

  const violations: [string, (id: number) => Uint8Array][] = [
    ["an answer to no request", (id) => frame(FrameType.done, id + 1)],
    ["an answer of another kind", (id) => frame(FrameType.flag, id, (sink) => sink.u8(1))],
    ["a frame of an unknown type", () => frame(0x0f, 0)],
    ["a request", (id) => frame(FrameType.get, id)],
    ["an error that ends too early", (id) => frame(FrameType.error, id, (sink) => sink.u32(400))],
    ["a second WELCOME", () => frame(FrameType.welcome, 0, (sink) => sink.raw(new Uint8Array(7)))],
    ["entries that were not asked for", (id) => frame(FrameType.entries, id, (sink) => sink.u32(0))],
    ["a frame that is too long", () => new Uint8Array([0xff, 0xff, 0xff, 0x7f])],
    ["a dictionary", () => dictFrame],
  ];
  test.for(violations)("ends when the server sends %s, and nobody waits in vain", async ([, broken]) => {
    const { connection, server, welcome } = againstRawServer();
    welcome();
    const call = connection.get(dictId, key);
    await connection.ready;
    await turns();
    server.send(broken(server.ofType(FrameType.get)[0]!.id));
    await expect(call).rejects.toMatchObject({ code: "internal" });
    expect(await connection.closed).toMatchObject({ message: expect.stringContaining("session protocol") });
    await turns();
    expect(server.isClosed).toBe(true);
  });

  test("arguments that cannot be written fail their own call only", async () => {
    const { service } = fakeService(() => bytes("v"));
    const { connection } = connected(service);
    const wrong = { name: 5 as unknown as string, mode: "lookup", environment: "" } as const;
    await expect(connection.getOrCreateDict(wrong)).rejects.toMatchObject({ code: "internal" });
    expect(text(await connection.get(dictId, key))).toBe("v");
    await connection.close();
  });

  test("a request larger than the server reads is refused without being sent", async () => {
    const { connection, server, welcome } = againstRawServer();
    welcome([[2, 100_000]]);
    await connection.ready;
    const large = connection.update(dictId, [{ key, value: new Uint8Array(100_000) }]);
    await expect(large).rejects.toMatchObject({ code: "request_too_large" });
    await turns();
    expect(server.ofType(FrameType.firstPart)).toHaveLength(0);
    server.destroy();
  });

  test("after GOODBYE what is sent is still answered, and then the connection ends", async () => {
    const { service, calls } = fakeService();
    const { connection, server } = connected(service, { windowOperations: 1 });
    const sent = connection.get(dictId, key);
    const stillWaiting = connection.get(dictId, key);
    await turns();
    const closing = server.host.close(60_000);
    await expect(stillWaiting).rejects.toMatchObject({ code: "unavailable" });
    await expect(connection.get(dictId, key)).rejects.toMatchObject({ code: "unavailable" });
    calls[0]!.answer(bytes("accepted before"));
    expect(text(await sent)).toBe("accepted before");
    await closing;
    await connection.closed;
  });

  test("the error of a refusal names its code", () => {
    const refusal = frame(FrameType.goodbye, 0, (sink) => sink.text("conflict"));
    expect(errorCode({ type: refusal[4]!, id: 0, content: refusal.subarray(9) })).toBe("conflict");
  });
});
