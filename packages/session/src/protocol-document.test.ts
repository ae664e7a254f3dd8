// docs/session-protocol.md is what others write clients from: its tables and byte examples are those of the code.
import { readFileSync } from "node:fs";
import { type CommitRequest, createError, type Entry, type PageRequest } from "@everdict/protocol";
import { turns } from "@everdict/testkit";
import { describe, expect, test } from "vitest";
import { fakeService } from "../testing/fake-service.ts";
import { frame, type RawFrame, rawPeer } from "../testing/raw-peer.ts";
import { bytes } from "../testing/session-setup.ts";
import { SessionClient } from "./client/session-client.ts";
import { FrameType, RequestFlag, Setting } from "./frames/wire.ts";
import { carrierPair, SessionClientConnection, SessionHost } from "./index.ts";
import { errorRoom, writeError } from "./messages/error-message.ts";

const document = readFileSync(new URL("../../../docs/session-protocol.md", import.meta.url), "utf8");

/** The byte examples by name. What stands two spaces behind the bytes is comment. */
const examples = new Map(
  [...document.matchAll(/^```hex (\S+)\n([\s\S]*?)^```/gm)].map(([, name, text]) => {
    const hex = text!.split("\n").map((line) => line.split("  ")[0]!);
    return [
      name!,
      Uint8Array.from(hex.join(" ").match(/[0-9a-f]{2}/g) ?? [], (pair) => Number.parseInt(pair, 16)),
    ];
  }),
);

const used = new Set<string>();

function example(name: string): Uint8Array {
  used.add(name);
  const found = examples.get(name);
  if (found === undefined) throw new Error(`no example '${name}'`);
  return found;
}

function hex(of: Uint8Array): string {
  return [...of].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

function whole({ type, id, content }: RawFrame): string {
  return hex(frame(type, id, (sink) => sink.raw(content)));
}

/** Rows of the document's tables whose second column is such a number. */
function rows(pattern: RegExp): Map<string, number> {
  const found = [...document.matchAll(/^\| (\w+) \| `?(\w+)`? \|/gm)].filter(([, , value]) =>
    pattern.test(value!),
  );
  return new Map(found.map(([, name, value]) => [name!.replaceAll("_", "").toLowerCase(), Number(value)]));
}

const lowerCased = (numbers: Readonly<Record<string, number>>) =>
  new Map(Object.entries(numbers).map(([name, value]) => [name.toLowerCase(), value]));

describe("the tables of the document", () => {
  test("name every type of frame with its number", () => {
    expect(rows(/^0x/)).toEqual(lowerCased(FrameType));
  });

  test("name every flag and every setting", () => {
    expect(rows(/^\d+$/)).toEqual(new Map([...lowerCased(Setting), ...lowerCased(RequestFlag)]));
  });
});

const dictId = `di-${"A".repeat(22)}`;
const clientId = (target: Uint8Array) => target.set(Array.from({ length: 16 }, (_, index) => index));

const clientIdHex = "000102030405060708090a0b0c0d0e0f";

/** A client against a server that answers by hand, after its WELCOME from the document. */
async function client() {
  const [clientEnd, serverEnd] = carrierPair();
  const server = rawPeer(serverEnd);
  const options = { tokenId: "ak-id", tokenSecret: "as-se", agent: "me", randomBytes: clientId };
  const calls = new SessionClient({ ...options, connect: async () => clientEnd });
  const send = async (call: () => Promise<unknown>): Promise<void> => {
    call().catch(() => {});
    await turns();
  };
  return { calls, server, send };
}

/** A server that has read the document's HELLO and DICT. */
async function server(answer: (method: string) => unknown) {
  const { service, calls } = fakeService(answer);
  const host = new SessionHost({ authorize: () => ({ service, isValid: () => true }), agent: "server" });
  const [clientEnd, serverEnd] = carrierPair();
  host.accept(serverEnd);
  const peer = rawPeer(clientEnd);
  peer.send(example("hello"), example("dict"));
  await turns();
  const send = async (...names: string[]): Promise<string[]> => {
    const before = peer.frames.length;
    peer.send(...names.map(example));
    await turns();
    return peer.frames.slice(before).map(whole);
  };
  return { peer, calls, send };
}

describe("the examples of the document", () => {
  test("are what our client sends", async () => {
    const { calls, server: peer, send } = await client();
    await send(() => calls.get(dictId, bytes("key")));
    peer.send(example("welcome"));
    await turns();
    const sent = () => peer.frames.map(whole);
    expect(sent().slice(0, 3)).toEqual([hex(example("hello")), hex(example("dict")), hex(example("get"))]);
    // The key numbers of the examples are those of a client that has made some calls before.
    for (let number = 0; number < 7; number++) await send(() => calls.pop(dictId, bytes("k")));
    for (const { id } of peer.ofType(FrameType.pop)) peer.send(frame(FrameType.absent, id));
    await turns();
    await send(() => calls.putIfAbsent(dictId, bytes("k"), new Uint8Array(0)));
    expect(withId(sent().at(-1)!, 2)).toBe(hex(example("put-if-absent")));
    await send(() =>
      calls.getOrCreateDict({
        mode: "createIfMissing",
        environment: "",
        name: "jobs",
        expiry: { policy: "afterUse", ttlMs: 88_012 },
        durability: "everysec",
        data: [{ key: new Uint8Array(0), value: Uint8Array.of(255) }],
      }),
    );
    expect(withId(sent().at(-1)!, 4)).toBe(hex(example("get-or-create-dict")));
    peer.send(example("ping"));
    await turns();
    expect(sent().at(-1)).toBe(hex(example("pong")));
  });

  test("of the second level are what our client sends", async () => {
    const { calls, server: peer, send } = await client();
    peer.send(example("welcome"));
    await turns();
    await send(() => calls.get(dictId, bytes("key")));
    for (const [name, id, call] of laterCalls(calls)) {
      await send(call);
      const renumbered =
        name === "commit" ? withKey(whole(peer.frames.at(-1)!), 9) : whole(peer.frames.at(-1)!);
      expect(withId(renumbered, id)).toBe(hex(example(name)));
    }
  });

  test("of the second level are understood and answered by our server", async () => {
    const answers: Record<string, unknown> = {
      commit: outcome,
      update: undefined,
      getMany: [bytes("val"), undefined],
      page: { entries: [{ key: bytes("a"), value: bytes("1") }], next: bytes("c2") },
    };
    const { calls, send } = await server((method) => answers[method]);
    expect(await send("commit")).toEqual([hex(example("outcome"))]);
    expect((await send("update-timed")).map((frame) => withId(frame, 2))).toEqual([hex(example("flag"))]);
    expect(await send("get-many")).toEqual([hex(example("values"))]);
    expect(await send("page")).toEqual([hex(example("page-of-entries"))]);
    expect(calls.map(({ method, args }) => [method, args[0], args[1]])).toMatchObject([
      ["commit", dictId, commit],
      ["update", dictId, [{ key: bytes("k"), value: bytes("vv"), ttlMs: 5000 }]],
      ["getMany", dictId, [bytes("k"), bytes("kk")]],
      ["page", dictId, page],
    ]);
  });

  test("of streams are what our client sends", async () => {
    const { calls, server: peer, send } = await client();
    const stream = calls.contents(dictId, { keys: true, values: true });
    await send(() => stream.next());
    peer.send(example("welcome"));
    await turns();
    expect(whole(peer.frames.at(-1)!)).toBe(hex(example("contents")));
    peer.send(example("entries"));
    await turns();
    peer.send(
      frame(FrameType.entries, 1, (sink) => {
        sink.u32(1);
        sink.u32(0);
        sink.u32(131_072 - 12 - 23);
        sink.raw(new Uint8Array(131_072 - 12 - 23));
      }),
    );
    await turns();
    await stream.next();
    await turns();
    expect(whole(peer.frames.at(-1)!)).toBe(hex(example("credit")));
    await send(() => stream.return(undefined));
    expect(whole(peer.frames.at(-1)!)).toBe(hex(example("cancel")));
  });

  test("are what our server answers", async () => {
    const info = {
      dictId: "di-abc",
      name: "jobs",
      createdAtSeconds: 1_767_265_642,
      createdBy: "someone",
      expiry: { policy: "afterUse", ttlMs: 88_012 },
      durability: "everysec",
    };
    const answers: Record<string, unknown> = { get: bytes("val"), putIfAbsent: true, pop: undefined };
    const { peer, calls, send } = await server((method) =>
      method === "getOrCreateDict" ? Promise.resolve(info) : answers[method],
    );
    expect(peer.frames.map(whole)).toEqual([hex(example("welcome"))]);
    expect(await send("get")).toEqual([hex(example("value"))]);
    expect(await send("put-if-absent")).toEqual([hex(example("flag"))]);
    expect(await send("pop")).toEqual([hex(example("absent"))]);
    expect(await send("get-or-create-dict")).toEqual([hex(example("dict-info"))]);
    expect(await send("ping")).toEqual([hex(example("pong"))]);
    expect(calls.map(({ method, args }) => [method, ...args])).toMatchObject([
      ["get", dictId, bytes("key"), { room: expect.anything() }],
      ["putIfAbsent", dictId, bytes("k"), expect.anything(), { idempotencyKey: `${clientIdHex}-7` }],
      ["pop", "di-abc", bytes("k"), { idempotencyKey: "once", timeoutMs: 1000 }],
      [
        "getOrCreateDict",
        {
          mode: "createIfMissing",
          environment: "",
          name: "jobs",
          expiry: { policy: "afterUse", ttlMs: 88_012 },
          durability: "everysec",
        },
        { idempotencyKey: `${clientIdHex}-8` },
      ],
    ]);
    expect(peer.isClosed).toBe(false);
  });

  test("of streams are what our server answers", async () => {
    const { send } = await server(() =>
      (async function* (): AsyncGenerator<readonly Entry[]> {
        yield [
          { key: bytes("a"), value: bytes("1") },
          { key: bytes("b"), value: new Uint8Array(0) },
        ];
      })(),
    );
    expect(await send("contents", "credit")).toEqual([hex(example("entries")), hex(example("done"))]);
    expect(await send("cancel")).toEqual([]);
  });

  test("are understood by our client", async () => {
    const [clientEnd, serverEnd] = carrierPair();
    const peer = rawPeer(serverEnd);
    const connection = new SessionClientConnection(clientEnd);
    peer.send(example("welcome"));
    const value = connection.get(dictId, bytes("key"));
    await turns();
    peer.send(example("first-part"), example("part"));
    expect(await value).toEqual(Uint8Array.of(1, 2, 3, 4, 5));
    // One call after the other: the places of the ids are used again, so each answer is given the id asked for.
    const answered = async (call: Promise<unknown>, name: string) => {
      const outcome = call.catch((error: unknown) => error);
      await turns();
      const { id } = peer.frames.at(-1)!;
      const renumbered = example(name).slice();
      new DataView(renumbered.buffer).setUint32(5, id, true);
      peer.send(renumbered);
      return outcome;
    };
    expect(await answered(connection.len(dictId), "count")).toBe(1_000_000);
    expect(await answered(connection.pop(dictId, bytes("k")), "absent")).toBeUndefined();
    expect(await answered(connection.contains(dictId, bytes("k")), "flag")).toBe(true);
    expect(await answered(connection.getDictById(dictId), "dict-info")).toMatchObject({ name: "jobs" });
    expect(await answered(connection.commit(dictId, commit), "outcome")).toEqual(outcome);
    expect(await answered(connection.commit(dictId, commit), "outcome-refused")).toEqual({
      committed: false,
      reason: "condition",
      index: 0,
      found: "000000000000002c",
    });
    expect(await answered(connection.entry(dictId, bytes("k")), "found-entry")).toEqual({
      value: bytes("val"),
      version: "000000000000002a",
      expiresAtMs: undefined,
    });
    expect(await answered(connection.getMany(dictId, []), "values")).toEqual([bytes("val"), undefined]);
    expect(await answered(connection.page(dictId, page), "page-of-entries")).toEqual({
      entries: [{ key: bytes("a"), value: bytes("1") }],
      next: bytes("c2"),
    });
    expect(await answered(connection.get(dictId, bytes("k")), "error")).toMatchObject({
      code: "overloaded",
      message: "not now",
      retryAfterMs: 500,
    });
    peer.send(example("goodbye"));
    expect(await connection.closed).toMatchObject({ code: "unavailable" });
  });

  test("of settled keys is understood by our server", async () => {
    const { calls, send } = await server(() => undefined);
    expect(await send("settled")).toEqual([]);
    expect(calls.map(({ method }) => method)).toEqual(["forget"]);
    const [dict, method, keys] = calls[0]!.args as [string, string, string[]];
    expect([dict, method, keys.length]).toEqual([dictId, "pop", 512]);
    const numbers = keys.map((key) => Number(key.replace(`${clientIdHex}-`, "")));
    expect([numbers[0], numbers[499], numbers[500], numbers[511]]).toEqual([7, 506, 508, 519]);
  });

  test("of a GOODBYE is written as it stands", () => {
    const error = createError("unavailable", "server is busy");
    const written = frame(FrameType.goodbye, 0, (sink) => writeError(sink, error));
    expect(hex(written)).toBe(hex(example("goodbye")));
    expect(errorRoom(error)).toBeGreaterThanOrEqual(written.length - 9);
  });

  test("are all used here", () => {
    expect([...used].sort()).toEqual([...examples.keys()].sort());
  });
});

const one = Uint8Array.of(0x80, 4, 0x4b, 1, 0x2e);
const zero = Uint8Array.of(0x80, 4, 0x4b, 0, 0x2e);
const commit: CommitRequest = {
  conditions: [{ key: bytes("k"), expected: "000000000000002a" }],
  changes: [
    { kind: "add", key: bytes("n"), by: one, initial: zero, ttlOnCreateMs: 60_000 },
    { kind: "touch", key: bytes("k"), ttlMs: null },
  ],
};
const outcome = {
  committed: true,
  results: [{ version: "000000000000002b", value: one }, { version: "000000000000002a" }],
};
const page: PageRequest = {
  match: [[{ offset: 2, bytes: bytes("a") }]],
  after: bytes("c1"),
  limit: 100,
  values: true,
};

/** The requests of the second level, by the name of the example, with the id it has there. */
function laterCalls(calls: SessionClient): [string, number, () => Promise<unknown>][] {
  return [
    ["commit", 7, () => calls.commit(dictId, commit)],
    ["update-timed", 8, () => calls.update(dictId, [{ key: bytes("k"), value: bytes("vv"), ttlMs: 5000 }])],
    ["get-many", 9, () => calls.getMany(dictId, [bytes("k"), bytes("kk")])],
    ["page", 10, () => calls.page(dictId, page)],
  ];
}

/** A frame with a key number as hex, with another key number below 256. */
function withKey(text: string, key: number): string {
  const pairs = text.split(" ");
  pairs[10] = key.toString(16).padStart(2, "0");
  return pairs.join(" ");
}

/** A frame as hex, with another id. */
function withId(text: string, id: number): string {
  const pairs = text.split(" ");
  pairs[5] = id.toString(16).padStart(2, "0");
  return pairs.join(" ");
}
