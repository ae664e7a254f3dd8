import { type Entry, MemoryAccount } from "@everdict/protocol";
import { turns } from "@everdict/testkit";
import { describe, expect, test } from "vitest";
import { fakeService } from "../../testing/fake-service.ts";
import { frame, rawPeer } from "../../testing/raw-peer.ts";
import { bytes, connected, token } from "../../testing/session-setup.ts";
import { FrameType } from "../frames/wire.ts";
import { carrierPair } from "../index.ts";
import { writeWelcome } from "../messages/handshake.ts";
import { SessionClientConnection } from "./client-connection.ts";
import type { ConnectionOptions } from "./connection-options.ts";

// What is given up halfway, on either side, leaves nothing behind for the next call that gets its id.

const dictId = "di-1234567890123456789012";
const key = bytes("k");
const large = new Uint8Array(1_000_000).fill(7);
const both = { keys: true, values: true };

/** Whether the bytes are the same; the test runner takes seconds to find that out of a megabyte. */
const same = (found: Uint8Array | undefined, wanted: Uint8Array): boolean =>
  found !== undefined && Buffer.compare(found, wanted) === 0;

/** A connection to a server that the test plays by hand, which has accepted it. */
async function welcomed(options: ConnectionOptions = {}) {
  const [clientEnd, serverEnd] = carrierPair();
  const server = rawPeer(serverEnd);
  const connection = new SessionClientConnection(clientEnd, { ...token, ...options });
  const settings = new Map([[2, 1 << 24]]);
  const welcome = { version: 1, agent: "raw", settings };
  server.send(frame(FrameType.welcome, 0, (sink) => writeWelcome(sink, welcome)));
  await connection.ready;
  return { connection, server };
}

describe("an answer in parts", () => {
  test("that is cancelled halfway does not meet the next one under its id", async () => {
    const { service } = fakeService(() => large);
    const { connection } = connected(service);
    await connection.ready;
    for (let round = 0; round < 3; round++) {
      const giveUp = new AbortController();
      const cancelled = connection.get(dictId, key, giveUp);
      await turns(6);
      giveUp.abort();
      await expect(cancelled).rejects.toMatchObject({ code: "cancelled" });
      expect(same(await connection.get(dictId, key), large)).toBe(true);
    }
    await connection.close();
  });

  test("of a stream that its consumer leaves does not meet the next one under its id", async () => {
    async function* entries(): AsyncGenerator<readonly Entry[]> {
      for (;;) yield [{ key, value: large.subarray(0, 100_000) }];
    }
    const { service } = fakeService((method) => (method === "contents" ? entries() : large));
    const { connection } = connected(service);
    for (let round = 0; round < 3; round++) {
      for await (const [entry] of connection.contents(dictId, both)) {
        expect(entry!.value).toHaveLength(100_000);
        break;
      }
      expect(same(await connection.get(dictId, key), large)).toBe(true);
    }
    await connection.close();
  });

  test("ends with whatever final answer comes instead of its rest", async () => {
    const { connection, server } = await welcomed();
    const first = (id: number) =>
      frame(FrameType.firstPart, id, (sink) => {
        sink.u8(FrameType.value);
        sink.u32(4);
        sink.raw(bytes("ab"));
      });
    const broken = connection.get(dictId, key);
    await turns();
    const { id } = server.ofType(FrameType.get)[0]!;
    const error = frame(FrameType.error, id, (sink) => {
      sink.text("data_loss");
      sink.text("the rest cannot be read");
      sink.u8(0);
    });
    server.send(first(id), error);
    await expect(broken).rejects.toMatchObject({ code: "data_loss" });
    const next = connection.get(dictId, key);
    await turns();
    expect(server.ofType(FrameType.get)[1]!.id).toBe(id);
    server.send(
      first(id),
      frame(FrameType.part, id, (sink) => sink.raw(bytes("cd"))),
    );
    expect(await next).toEqual(bytes("abcd"));
    server.destroy();
  });
});

describe("a request in parts", () => {
  test("that is refused halfway is not sent on: its parts would join the next request under its id", async () => {
    const { service, calls } = fakeService(() => true);
    // No room for the first request: it is refused at its first part, with nearly all of it still to be sent.
    const memory = new MemoryAccount({ clientMemoryMaxBytes: 8_000_000 }).token("t");
    memory.change("requests", 3_999_999);
    const { connection } = connected(service, {}, { memory });
    const refused = connection.update(dictId, [{ key, value: large }]);
    await expect(refused).rejects.toMatchObject({ code: "overloaded" });
    memory.change("requests", -3_999_999);
    const value = new Uint8Array(2_000_000).fill(9);
    await connection.update(dictId, [{ key, value }]);
    expect(calls).toHaveLength(1);
    const [entry] = calls[0]!.args[1] as Entry[];
    expect(same(entry!.value, value)).toBe(true);
    await connection.close();
  });

  test("that is given up before its first part went frees its room at once, and the server hears nothing of it", async () => {
    const { connection, server } = await welcomed({ windowLargeBytes: 1_500_000 });
    const giveUp = new AbortController();
    const neverSent = connection.update(dictId, [{ key, value: large }], giveUp);
    const next = connection.update(dictId, [{ key, value: large }]);
    giveUp.abort();
    await expect(neverSent).rejects.toMatchObject({ code: "cancelled" });
    await turns(30);
    expect(server.ofType(FrameType.cancel)).toEqual([]);
    const [first, ...others] = server.ofType(FrameType.firstPart);
    expect(others).toEqual([]);
    server.send(frame(FrameType.flag, first!.id, (sink) => sink.u8(1)));
    expect(await next).toBeUndefined();
    await connection.close();
  });

  test("that is the last call and is given up before its first part went does not hold up close()", async () => {
    const { connection, server } = await welcomed();
    const giveUp = new AbortController();
    const neverSent = connection.update(dictId, [{ key, value: large }], giveUp);
    const told = expect(neverSent).rejects.toMatchObject({ code: "cancelled" });
    const closing = connection.close();
    giveUp.abort();
    await told;
    await closing;
    await turns();
    expect(server.isClosed).toBe(true);
  });
});
