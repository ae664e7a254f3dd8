import { createError, type Entry } from "@everdict/protocol";
import { turns } from "@everdict/testkit";
import { describe, expect, test } from "vitest";
import { fakeService, waiting } from "../../testing/fake-service.ts";
import { fakeTimers } from "../../testing/fake-timers.ts";
import { codes, firstPart, rawClient, welcomed } from "../../testing/raw-client.ts";
import {
  dictFrame,
  errorCode,
  frame,
  getFrame,
  helloFrame,
  type RawPeer,
  rawPeer,
} from "../../testing/raw-peer.ts";
import { bytes, memoryServer, text, token } from "../../testing/session-setup.ts";
import { ByteSource } from "../frames/byte-source.ts";
import { FrameType, Setting } from "../frames/wire.ts";
import { SessionHost } from "../index.ts";
import { readWelcome } from "../messages/handshake.ts";

function farewell(client: RawPeer): string | undefined {
  const [goodbye] = client.ofType(FrameType.goodbye);
  return goodbye && errorCode(goodbye);
}

describe("the handshake", () => {
  test("a WELCOME names the version, the server and its limits", async () => {
    const { client } = rawClient(fakeService().service, { agent: "everdict/9", limits: { requestsMax: 5 } });
    client.send(helloFrame());
    await turns();
    const { content } = client.frames[0]!;
    const welcome = readWelcome(new ByteSource().reset(content, 0, content.length));
    expect(welcome).toMatchObject({ version: 1, agent: "everdict/9" });
    expect(welcome.settings.get(Setting.requestsMax)).toBe(5);
    expect(welcome.settings.get(Setting.messageMaxBytes)).toBe(102 * 1024 * 1024);
    expect(welcome.settings.has(Setting.role)).toBe(false);
  });

  const refused: [string, Uint8Array, string][] = [
    ["a wrong secret", helloFrame({ tokenSecret: "wrong" }), "unauthenticated"],
    ["no token", helloFrame({ tokenId: "", tokenSecret: "" }), "unauthenticated"],
    ["a version that does not exist yet", helloFrame({ minVersion: 2, maxVersion: 9 }), "unimplemented"],
    ["a request first", getFrame(1, "k"), "invalid_argument"],
    ["a HELLO of another protocol", frame(FrameType.hello, 0, (sink) => sink.u32(1)), "invalid_argument"],
    ["a HELLO that is too long", helloFrame({ agent: "a".repeat(5000) }), "invalid_argument"],
    ["HTTP", bytes("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"), "invalid_argument"],
  ];
  test.for(refused)("%s is answered with the reason, and the connection ends", async ([, first, code]) => {
    const { client, host, errors } = rawClient(fakeService().service);
    client.send(first, getFrame(1, "k"));
    await turns(10);
    expect(farewell(client)).toBe(code);
    expect(client.frames).toHaveLength(1);
    expect(client.isClosed).toBe(true);
    expect(errors).toEqual([code]);
    expect(host.sessionCount).toBe(0);
  });

  test("of a range of versions the one that both speak is chosen", async () => {
    const { client } = rawClient(fakeService().service);
    client.send(helloFrame({ minVersion: 0, maxVersion: 200 }));
    await turns();
    expect(client.frames[0]!.content[0]).toBe(1);
  });

  test("a connection that was authenticated by its carrier needs no token", async () => {
    const host = new SessionHost({ authorize: () => undefined });
    const { carrierPair } = await import("../index.ts");
    const [clientEnd, serverEnd] = carrierPair();
    host.accept(serverEnd, { service: fakeService(() => bytes("v")).service, isValid: () => true });
    const client = rawPeer(clientEnd);
    client.send(helloFrame({ tokenId: "", tokenSecret: "" }), dictFrame, getFrame(1, "k"));
    await turns();
    expect(client.frames.map(({ type }) => type)).toEqual([FrameType.welcome, FrameType.value]);
  });

  test("who says nothing is disconnected after ten seconds", async () => {
    const timers = fakeTimers();
    const { client } = rawClient(fakeService().service, { timers });
    await timers.advance(9999);
    expect(client.isClosed).toBe(false);
    await timers.advance(2);
    expect(farewell(client)).toBe("deadline_exceeded");
    expect(client.isClosed).toBe(true);
  });
});

describe("requests", () => {
  test("answers that are there at once leave in one piece with the batch of their requests", async () => {
    const { client } = await welcomed(fakeService(() => bytes("v")).service);
    const before = client.pieces;
    const batch = [1, 2, 3, 4, 5].map((id) => getFrame(id, `k${id}`));
    client.send(Uint8Array.from(batch.flatMap((each) => [...each])));
    await turns();
    expect(client.pieces).toBe(before + 1);
    expect(client.frames.map(({ id, type }) => [id, type])).toEqual(
      [1, 2, 3, 4, 5].map((id) => [id, FrameType.value]),
    );
  });

  test("answers that come later come in the order in which they are ready", async () => {
    const { service, calls } = fakeService();
    const { client } = await welcomed(service);
    client.send(getFrame(1, "a"), getFrame(2, "b"));
    await turns();
    calls[1]!.answer(bytes("second"));
    await turns();
    calls[0]!.answer(undefined);
    await turns();
    expect(client.frames.map(({ id, type }) => [id, type])).toEqual([
      [2, FrameType.value],
      [1, FrameType.absent],
    ]);
  });

  test("a request that is not known is refused, and the session goes on", async () => {
    const { client } = await welcomed(fakeService(() => bytes("v")).service);
    client.send(
      frame(0x6f, 1, (sink) => sink.u8(0)),
      getFrame(2, "k"),
    );
    await turns();
    expect(codes(client)).toEqual([[1, "unimplemented"]]);
    expect(client.ofType(FrameType.value)).toHaveLength(1);
  });

  test("a choice that is not known is a wrong argument, and the session goes on", async () => {
    const { client } = await welcomed(fakeService(() => bytes("v")).service);
    client.send(
      frame(FrameType.getOrCreateDict, 1, (sink) => sink.raw(new Uint8Array([0, 77]))),
      getFrame(2, "k"),
    );
    await turns();
    expect(codes(client)).toEqual([[1, "invalid_argument"]]);
    expect(client.ofType(FrameType.value)).toHaveLength(1);
  });

  test("key numbers and client id make an idempotency key that no other client has", async () => {
    const { service, calls } = fakeService(() => undefined);
    const { connect } = memoryServer(service);
    for (const fill of [1, 2]) {
      const client = rawPeer(connect());
      const pop = frame(FrameType.pop, 1, (sink) => {
        sink.u8(2);
        sink.u32(77);
        sink.u32(0);
      });
      client.send(helloFrame({ clientId: new Uint8Array(16).fill(fill) }), dictFrame, pop);
      await turns();
    }
    expect(calls.map(({ args }) => (args[2] as { idempotencyKey: string }).idempotencyKey)).toEqual([
      `${"01".repeat(16)}-77`,
      `${"02".repeat(16)}-77`,
    ]);
  });

  test("a token that is revoked ends the session with its next request", async () => {
    let isValid = true;
    const { service } = fakeService(() => bytes("v"));
    const caller = { service, isValid: () => isValid };
    const { client } = await welcomed(service, { authorize: () => caller });
    client.send(getFrame(1, "k"));
    await turns();
    expect(client.ofType(FrameType.value)).toHaveLength(1);
    isValid = false;
    client.send(getFrame(2, "k"));
    await turns(10);
    expect(farewell(client)).toBe("unauthenticated");
    expect(client.ofType(FrameType.value)).toHaveLength(1);
    expect(client.isClosed).toBe(true);
  });

  const broken: [string, Uint8Array][] = [
    [
      "a dictionary number that was not given",
      frame(FrameType.len, 1, (sink) => sink.raw(new Uint8Array([0, 9, 0, 0, 0]))),
    ],
    ["a dictionary number over the limit", frame(FrameType.dict, 1024, (sink) => sink.text("di-x"))],
    ["a request without flags", frame(FrameType.get, 1)],
    [
      "flags that do not exist",
      frame(FrameType.len, 1, (sink) => sink.raw(new Uint8Array([0x90, 0, 0, 0, 0]))),
    ],
    [
      "more entries than there is room for",
      frame(FrameType.update, 1, (sink) => {
        sink.u8(0);
        sink.u32(0);
        sink.u32(0xffffffff);
      }),
    ],
    [
      "entries with something behind them",
      frame(FrameType.update, 1, (sink) => {
        sink.u8(0);
        sink.u32(0);
        sink.u32(0);
        sink.u8(1);
      }),
    ],
    [
      "more settled keys than one frame may name",
      // Pops on dictionary 0, from key 0 on, 1,025 of them.
      frame(FrameType.settled, 0, (sink) =>
        sink.raw(Uint8Array.of(0x15, 0, 0, 0, 0, 0, 0, 0, 0, 1, 4, 0, 0)),
      ),
    ],
    ["a second HELLO", helloFrame()],
    ["an answer", frame(FrameType.done, 1)],
    ["a first part of a part", firstPart(1, 100_000, 10, FrameType.part)],
    ["an empty part", firstPart(1, 100_000, 0)],
    ["more parts than were announced", firstPart(1, 100, 101)],
    ["a frame that is too long", new Uint8Array([1, 0, 2, 0])],
  ];
  test.for(broken)("%s ends the session with a reason", async ([, violation]) => {
    const { client, errors } = await welcomed(fakeService().service);
    client.send(violation, getFrame(9, "k"));
    await turns(10);
    expect(farewell(client)).toBe("invalid_argument");
    expect(client.isClosed).toBe(true);
    expect(errors).toEqual(["invalid_argument"]);
  });

  test("frames of the future, stray credits, cancels and parts are no violation", async () => {
    const { client } = await welcomed(fakeService(() => bytes("v")).service);
    client.send(
      frame(0xe1, 1, (sink) => sink.text("later")),
      frame(FrameType.credit, 5, (sink) => sink.u32(10)),
      frame(FrameType.cancel, 5),
      frame(FrameType.part, 5, (sink) => sink.u8(1)),
      frame(FrameType.ping, 123),
      getFrame(2, "k"),
    );
    await turns();
    expect(client.frames.map(({ type, id }) => [type, id])).toEqual([
      [FrameType.pong, 123],
      [FrameType.value, 2],
    ]);
  });
});

describe("limits", () => {
  test("requests beyond those in flight are refused without any work, and later ones served", async () => {
    const { service, calls } = fakeService();
    const { client } = await welcomed(service, { limits: { requestsMax: 2 } });
    client.send(getFrame(1, "a"), getFrame(2, "b"), getFrame(3, "c"));
    await turns();
    expect(codes(client)).toEqual([[3, "overloaded"]]);
    expect(calls).toHaveLength(2);
    calls[0]!.answer(undefined);
    await turns();
    client.send(getFrame(4, "d"));
    await turns();
    expect(calls).toHaveLength(3);
  });

  test("streams beyond those open are refused", async () => {
    const { service } = fakeService(() => forever());
    const { client } = await welcomed(service, { limits: { streamsMax: 1 } });
    client.send(contentsFrame(1, 100), contentsFrame(2, 100));
    await turns();
    expect(codes(client)).toEqual([[2, "overloaded"]]);
    client.send(frame(FrameType.cancel, 1));
    await turns();
    client.send(contentsFrame(3, 100));
    await turns();
    expect(codes(client)).toEqual([
      [2, "overloaded"],
      [1, "cancelled"],
    ]);
    expect(client.ofType(FrameType.entries).map(({ id }) => id)).toContain(3);
  });

  test("the id of a stream that was cancelled is free, though what it reads is not let go yet", async () => {
    let contents = 0;
    const { service } = fakeService(() => {
      contents++;
      return contents === 1 ? neverLetGo() : forever();
    });
    const { client } = await welcomed(service);
    client.send(contentsFrame(1, 100));
    await turns();
    client.send(frame(FrameType.cancel, 1), contentsFrame(1, 100));
    await turns();
    expect(codes(client)).toEqual([[1, "cancelled"]]);
    expect(client.ofType(FrameType.entries).map(({ id }) => id)).toContain(1);
    client.send(contentsFrame(1, 100));
    await turns();
    expect(client.ofType(FrameType.goodbye)).toHaveLength(1);
  });

  test("a message in parts over the limit is refused at its first part, and its other parts skipped", async () => {
    const { client } = await welcomed(fakeService(() => bytes("v")).service, {
      limits: { requestMaxBytes: 1000 },
    });
    const tooLarge = 1000 + 1024 * 1024 + 1;
    client.send(
      firstPart(1, tooLarge, 100),
      frame(FrameType.part, 1, (sink) => sink.u8(1)),
      getFrame(2, "k"),
    );
    await turns();
    const [error] = client.ofType(FrameType.error);
    expect(codes(client)).toEqual([[1, "request_too_large"]]);
    expect(text(error!.content)).toContain("1000");
    expect(client.isClosed).toBe(false);
  });

  test("an answer larger than the client reads is an error instead", async () => {
    const { service } = fakeService(() => new Uint8Array(100_000));
    const { client } = rawClient(service);
    client.send(
      helloFrame({ settings: new Map([[Setting.messageMaxBytes, 50_000]]) }),
      dictFrame,
      getFrame(1, "k"),
    );
    await turns();
    expect(codes(client)).toEqual([[1, "request_too_large"]]);
  });
});

describe("holding back", () => {
  test("a client that does not read is not read: what waits for it stays bounded", async () => {
    let served = 0;
    const value = new Uint8Array(10_000);
    const { service } = fakeService(() => {
      served++;
      return value;
    });
    const { client } = await welcomed(service);
    client.pause();
    for (let id = 1; id <= 2000; id++) client.send(getFrame(id, "k"));
    await turns(100);
    // 256 KiB that wait, 64 KiB under way, and what was being written.
    expect(served * value.length).toBeLessThan(600_000);
    client.resume();
    await turns(2000);
    expect(served).toBe(2000);
    expect(client.ofType(FrameType.value)).toHaveLength(2000);
  });

  test("too many bytes that wait for the service stop the reading, and their answers start it again", async () => {
    const { service, calls } = fakeService();
    const { client } = await welcomed(service, { limits: { pendingMaxBytes: 50_000 } });
    for (let id = 1; id <= 30; id++) client.send(getFrame(id, "k".repeat(10_000)));
    await turns(20);
    expect(calls).toHaveLength(5);
    for (const call of calls) call.answer(undefined);
    await turns(20);
    expect(calls).toHaveLength(10);
    for (let round = 0; round < 6; round++) {
      for (const call of calls) call.answer(undefined);
      await turns(20);
    }
    expect(client.ofType(FrameType.absent)).toHaveLength(30);
  });

  test("the reason of an end is sent also behind what the client has not read yet", async () => {
    const { service } = fakeService(() => new Uint8Array(10_000));
    const { client } = await welcomed(service);
    client.pause();
    for (let id = 1; id <= 20; id++) client.send(getFrame(id, "k"));
    client.send(frame(0x0f, 0));
    await turns(20);
    client.resume();
    await turns(50);
    expect(client.ofType(FrameType.value)).toHaveLength(20);
    expect(farewell(client)).toBe("invalid_argument");
  });

  test("a stream sends on credit only, an entry larger than a frame in parts", async () => {
    const sizes = [10, 100_000, 10, 10];
    const { service } = fakeService(() =>
      (async function* () {
        for (const size of sizes) yield [{ key: bytes("k"), value: new Uint8Array(size) }];
      })(),
    );
    const { client } = await welcomed(service);
    client.send(contentsFrame(1, 20));
    await turns(10);
    expect(client.frames.map(({ type }) => type)).toEqual([FrameType.entries]);
    client.send(frame(FrameType.credit, 1, (sink) => sink.u32(10)));
    await turns(20);
    const parts = client.frames.slice(1);
    expect(parts[0]!.type).toBe(FrameType.firstPart);
    expect(parts.slice(1).every(({ type }) => type === FrameType.part)).toBe(true);
    expect(parts.reduce((sum, { content }) => sum + content.length, 0)).toBe(100_013 + 5);
    client.send(frame(FrameType.credit, 1, (sink) => sink.u32(200_000)));
    await turns(20);
    const last = client.frames.slice(1 + parts.length).map(({ type }) => type);
    expect(last).toEqual([FrameType.entries, FrameType.entries, FrameType.done]);
  });

  test("a stream whose service fails ends with its error, also when it is no error of the table", async () => {
    const defects: unknown[] = [];
    let failure: Error = createError("dict_not_found", "gone");
    const { service } = fakeService(() =>
      (async function* () {
        yield [{ key: bytes("k"), value: bytes("v") }];
        throw failure;
      })(),
    );
    const { client } = await welcomed(service, { onDefect: (caught) => defects.push(caught) });
    client.send(contentsFrame(1, 1000));
    await turns(10);
    failure = new Error("bug");
    client.send(contentsFrame(2, 1000));
    await turns(10);
    expect(codes(client)).toEqual([
      [1, "dict_not_found"],
      [2, "internal"],
    ]);
    expect(defects).toEqual([failure]);
  });

  test("when the connection is lost streams let go of the service, and late answers go nowhere", async () => {
    let released = 0;
    const { service, calls } = fakeService((method) => {
      if (method !== "contents") return waiting;
      return (async function* () {
        try {
          yield* forever();
        } finally {
          released++;
        }
      })();
    });
    const { client, host } = await welcomed(service);
    client.send(contentsFrame(1, 100), getFrame(2, "k"));
    await turns();
    client.destroy();
    await turns();
    expect(released).toBe(1);
    expect(host.sessionCount).toBe(0);
    calls[1]!.answer(bytes("late"));
    await turns();
  });
});

describe("signs of life", () => {
  test("a silent client is asked, and ended if it stays silent", async () => {
    const timers = fakeTimers();
    const { client } = await welcomed(fakeService().service, { timers });
    await timers.advance(60_000);
    expect(client.ofType(FrameType.ping)).toHaveLength(1);
    client.send(frame(FrameType.pong, 0));
    await timers.advance(60_000);
    expect(client.isClosed).toBe(false);
    await timers.advance(90_000);
    expect(farewell(client)).toBe("deadline_exceeded");
    expect(client.isClosed).toBe(true);
  });

  test("a client that is not read because the service is slow is not ended", async () => {
    const timers = fakeTimers();
    const { service } = fakeService();
    const { client } = await welcomed(service, { timers, limits: { pendingMaxBytes: 100 } });
    client.send(getFrame(1, "k".repeat(200)));
    await timers.advance(600_000);
    expect(client.isClosed).toBe(false);
  });
});

describe("stopping", () => {
  test("a stopping server says GOODBYE, still answers what comes, and ends when the client has gone", async () => {
    const { client, host } = await welcomed(fakeService(() => bytes("v")).service);
    let stopped = false;
    const stopping = host.close(60_000).then(() => {
      stopped = true;
    });
    await turns();
    expect(farewell(client)).toBe("unavailable");
    client.send(getFrame(1, "k"));
    await turns();
    expect(client.ofType(FrameType.value)).toHaveLength(1);
    expect(stopped).toBe(false);
    client.destroy();
    await stopping;
  });

  test("after the grace the clients that are left are cut off", async () => {
    const timers = fakeTimers();
    const { client, host } = await welcomed(fakeService().service, { timers });
    client.send(getFrame(1, "k"));
    await turns();
    const stopping = Promise.all([host.close(5000), host.close(5000)]);
    await timers.advance(4999);
    expect(client.isClosed).toBe(false);
    await timers.advance(2);
    await stopping;
    expect(client.isClosed).toBe(true);
  });

  test("a stopped server takes nobody", async () => {
    const { connect, host } = memoryServer(fakeService().service);
    await host.close(0);
    const client = rawPeer(connect());
    client.send(helloFrame());
    await turns();
    expect(client.isClosed).toBe(true);
    expect(token.tokenId).not.toBe("");
  });
});

/** A source of entries that has none and does not end when it is told to. */
function neverLetGo(): AsyncIterable<readonly Entry[]> {
  const never = new Promise<never>(() => {});
  return { [Symbol.asyncIterator]: () => ({ next: () => never, return: () => never }) };
}

function contentsFrame(id: number, credit: number): Uint8Array {
  return frame(FrameType.contents, id, (sink) => {
    sink.u8(0);
    sink.u32(0);
    sink.u8(3);
    sink.u32(credit);
  });
}

async function* forever(): AsyncGenerator<readonly Entry[]> {
  for (;;) yield [{ key: bytes("k"), value: bytes("v") }];
}
