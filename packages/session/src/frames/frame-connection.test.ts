import { describe, expect, test } from "vitest";
import { fakeTimers } from "../../testing/fake-timers.ts";
import type { CarrierHandlers } from "../carriers/carrier.ts";
import { type ConnectionOwner, FrameConnection } from "./frame-connection.ts";
import { FrameType } from "./wire.ts";

/** A connection on a carrier that the test plays, with a session that is opened by its first frame. */
function setUp(ownReactions: Partial<ConnectionOwner> = {}) {
  const timers = fakeTimers();
  const log: unknown[] = [];
  const sent: number[][] = [];
  let handlers!: CarrierHandlers;
  const owner: ConnectionOwner = {
    onFrame: (type, id, source, partsBytes) => {
      log.push([type, id, source.left, partsBytes]);
      if (type === FrameType.hello) {
        const own = { frameMaxBytes: 1000, pingIntervalMs: 100 };
        connection.opened(new Map(), own, { begin: () => undefined, add: () => undefined });
      } else if (type < FrameType.get) connection.onControl(type, id, source);
    },
    onTaken: () => log.push("taken"),
    expectsSigns: () => true,
    onSilence: () => log.push("silence"),
    onBroken: (caught) => log.push((caught as Error).message),
    onLost: (cause) => log.push(["lost", cause]),
    ...ownReactions,
  };
  const carrier = {
    start: (started: CarrierHandlers) => {
      handlers = started;
    },
    send: (bytes: Uint8Array) => void sent.push([...bytes]),
    bufferedBytes: 0,
    pause: () => log.push("pause"),
    resume: () => log.push("resume"),
    close: () => log.push("close"),
    destroy: () => log.push("destroy"),
    holdProcess: () => {},
  };
  const atEndOfTurn = (callback: () => void) => void setImmediate(callback);
  const connection = new FrameConnection(
    { carrier, timers, atEndOfTurn, frameMaxBytes: 100, pingsMax: 1 },
    owner,
  );
  connection.start(50, false);
  const receive = (...frames: number[][]) => handlers.onData(Uint8Array.from(frames.flat()));
  return { connection, timers, log, sent, receive, lose: (cause: unknown) => handlers.onClose(cause) };
}

const frame = (type: number, id: number) => [5, 0, 0, 0, type, id, 0, 0, 0];
const hello = frame(FrameType.hello, 0);
const ping = frame(FrameType.ping, 0);

describe("a connection of frames", () => {
  test("hands on frames, then says that all that came were taken", () => {
    const { receive, log } = setUp();
    receive(frame(FrameType.get, 7), frame(FrameType.len, 8));
    expect(log).toEqual([[FrameType.get, 7, 0, 0], [FrameType.len, 8, 0, 0], "taken"]);
  });

  test("answers pings with their id, skips pongs, and refuses what it does not know below the skippable types", async () => {
    const { receive, log, sent, timers } = setUp();
    receive(hello, frame(FrameType.ping, 9), frame(FrameType.pong, 3));
    await timers.advance(0);
    expect(sent).toEqual([frame(FrameType.pong, 9)]);
    receive(frame(0x0f, 1));
    expect(log.at(-1)).toBe("a frame of type 15");
  });

  test("nobody who opens the session: silence, once the time for that is over", async () => {
    const { timers, log } = setUp();
    await timers.advance(49);
    expect(log).toEqual([]);
    await timers.advance(1);
    expect(log).toEqual(["silence"]);
  });

  test("asks for a sign of life after a quiet interval, and calls one more of them silence", async () => {
    const { timers, log, sent, receive } = setUp();
    receive(hello);
    log.length = 0;
    await timers.advance(100);
    expect(sent).toEqual([]);
    await timers.advance(100);
    expect(sent).toEqual([ping]);
    receive(frame(FrameType.pong, 0));
    log.length = 0;
    await timers.advance(200);
    expect(sent).toEqual([ping, ping]);
    expect(log).toEqual([]);
    await timers.advance(100);
    expect(log).toEqual(["silence"]);
  });

  test("as long as no sign is expected it asks for none", async () => {
    const { timers, log, sent, receive } = setUp({ expectsSigns: () => false });
    receive(hello);
    await timers.advance(1000);
    expect(sent).toEqual([]);
    expect(log).not.toContain("silence");
  });

  test("holds what comes while it is paused, and goes on with that", () => {
    const { connection, log, receive } = setUp();
    connection.pause();
    receive(frame(FrameType.get, 1));
    expect(log).toEqual(["pause", "taken"]);
    connection.resume();
    expect(log.slice(2)).toEqual(["resume", [FrameType.get, 1, 0, 0], "taken"]);
  });

  test("after its end nothing is reported, and what was written has gone", () => {
    const { connection, log, sent, receive, lose, timers } = setUp();
    connection.writeBuffer.bare(FrameType.pong, 1);
    connection.end("close");
    receive(frame(FrameType.get, 1));
    lose(undefined);
    expect(sent).toEqual([frame(FrameType.pong, 1)]);
    expect(log).toEqual(["close"]);
    expect(timers.count).toBe(0);
  });

  test("frames behind one that ended it are not handed on", () => {
    const seen: number[] = [];
    const { connection, receive, log } = setUp({
      onFrame: (_, id) => {
        seen.push(id);
        connection.end("destroy");
      },
    });
    receive(frame(FrameType.get, 1), frame(FrameType.get, 2));
    expect(seen).toEqual([1]);
    expect(log).toEqual(["destroy"]);
  });
});
