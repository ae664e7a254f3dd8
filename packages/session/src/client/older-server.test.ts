import { turns } from "@everdict/testkit";
import { describe, expect, test, vi } from "vitest";
import { fakeService } from "../../testing/fake-service.ts";
import { frame, rawPeer } from "../../testing/raw-peer.ts";
import { bytes, connected, token } from "../../testing/session-setup.ts";
import { FrameType, Setting } from "../frames/wire.ts";
import { type Carrier, carrierPair } from "../index.ts";
import { writeWelcome } from "../messages/handshake.ts";
import { SessionClient } from "./session-client.ts";

const dictId = "di-x";
const entry = { key: bytes("k"), value: bytes("v") };

/** A client of a server that says this of its level; `next` is what it connects to when the connection is lost. */
async function clientOf(settings: [number, number][], next?: Carrier) {
  const [clientEnd, serverEnd] = carrierPair();
  const server = rawPeer(serverEnd);
  const carriers = [clientEnd, next];
  const client = new SessionClient({ ...token, connect: async () => carriers.shift()! });
  const ready = client.ready();
  await turns();
  welcome(server, settings);
  await ready;
  return { client, server };
}

function welcome(server: ReturnType<typeof rawPeer>, settings: [number, number][]): void {
  const content = { version: 1, agent: "old", settings: new Map(settings) };
  server.send(frame(FrameType.welcome, 0, (sink) => writeWelcome(sink, content)));
}

describe("a server of before the second level", () => {
  test("is sent nothing that it would not understand, and the error says which version is needed", async () => {
    const { client, server } = await clientOf([]);
    expect(client.knowsAllCalls).toBe(false);
    const before = server.frames.length;
    const calls: (() => Promise<unknown>)[] = [
      () => client.commit(dictId, { conditions: [], changes: [] }),
      () => client.stats(dictId),
      () => client.update(dictId, [{ ...entry, ttlMs: 5000 }]),
      () => client.getOrCreateDict({ mode: "createIfMissing", environment: "", name: "n", shards: 4 }),
      () => client.contents(dictId, { keys: true, values: true, match: [[]] }).next(),
    ];
    for (const call of calls) {
      await expect(call()).rejects.toMatchObject({
        code: "unimplemented",
        message: expect.stringContaining("Everdict 0.2 or later"),
      });
    }
    expect(server.frames.length).toBe(before);
  });

  test("says nothing of the server that comes after it, which a call finds out", async () => {
    const [nextEnd, serverEnd] = carrierPair();
    const { client, server } = await clientOf([], nextEnd);
    server.destroy();
    await turns();
    expect(client.knowsAllCalls).toBe(true);
    const stats = client.stats(dictId);
    const newer = rawPeer(serverEnd);
    await vi.waitFor(() => expect(newer.ofType(FrameType.hello)).toHaveLength(1));
    welcome(newer, [[Setting.level, 1]]);
    await vi.waitFor(() => expect(newer.ofType(FrameType.stats)).toHaveLength(1));
    await client.close(0);
    await expect(stats).rejects.toMatchObject({ code: "unavailable" });
  });

  test("is sent what it understands", async () => {
    const { client, server } = await clientOf([]);
    const written = client.update(dictId, [entry]);
    await turns();
    server.send(frame(FrameType.flag, server.ofType(FrameType.update)[0]!.id, (sink) => sink.u8(1)));
    await written;
  });

  test("is told from one that knows all calls by what it says of itself", async () => {
    const { client } = await clientOf([[Setting.level, 1]]);
    expect(client.knowsAllCalls).toBe(true);
    const { connection } = connected(fakeService(() => ({ entries: 2, bytes: undefined })).service);
    expect(await connection.stats(dictId)).toEqual({ entries: 2, bytes: undefined });
  });
});
