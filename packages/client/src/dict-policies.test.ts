// What a dictionary promises about its entries: told by info(), and refused where it is not what a program asks for.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLogEngine } from "@everdict/embedded/log";
import { startServer } from "@everdict/server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Client, Dict, type ExpiryPolicy, InvalidError } from "./index.ts";

const places = ["in-process", "over a session", "over gRPC"] as const;
let clients: Record<(typeof places)[number], Client>;
let close: () => Promise<void>;

beforeAll(async () => {
  const directory = await mkdtemp(join(tmpdir(), "everdict-policies-"));
  const engine = await openLogEngine({ directory });
  const server = await startServer({
    engine,
    authenticator: {
      authenticate: () => ({ id: "one", name: "one" }),
      isCurrent: () => true,
      describe: () => ({ tokenId: "ak-one", name: "one", createdAtSeconds: 0 }),
    },
    port: 0,
    shutdownGraceMs: 100,
  });
  const credentials = { url: server.url, tokenId: "ak-one", tokenSecret: "as-one" };
  clients = {
    "in-process": Client.fromService(engine.serviceFor({ id: "one", name: "one" })),
    "over a session": Client.connect({ ...credentials, transport: "session" }),
    "over gRPC": Client.connect({ ...credentials, transport: "grpc" }),
  };
  close = async () => {
    for (const client of Object.values(clients)) await client.close();
    await server.close();
    await engine.close();
    await rm(directory, { recursive: true });
  };
});
afterAll(() => close());

const policies: readonly ExpiryPolicy[] = [
  { policy: "never" },
  { policy: "afterWrite", ttlMs: 1234 },
  { policy: "afterUse", ttlMs: 7 * 24 * 60 * 60 * 1000 },
];

describe.each(places)("%s", (place) => {
  test("info() tells expiry and durability, of dictionaries made, found, listed, by id and ephemeral", async () => {
    const client = clients[place];
    for (const [index, expiry] of policies.entries()) {
      const durability = (["sync", "everysec", "memory"] as const)[index]!;
      const name = `${place.replaceAll(" ", "-")}-${index}`;
      const made = Dict.fromName(name, { client, createIfMissing: true, expiry, durability });
      expect(await made.info()).toMatchObject({ name, expiry, durability });
      await using scratch = await Dict.ephemeral({ client, expiry, durability });
      const listed = (await Dict.objects.list({ client })).find((each) => each.name === name)!;
      const byId = Dict.fromId(made.objectId, { client });
      const found = Dict.fromName(name, { client });
      await scratch.put("handle", found);
      const fromValue = (await scratch.get("handle")) as Dict;
      for (const dict of [listed, byId, found, scratch, fromValue])
        expect(await dict.info()).toMatchObject({ expiry, durability });
      await Dict.delete(name, { client });
    }
  });

  test("another expiry or durability than the dictionary has is refused, the same one is granted", async () => {
    const client = clients[place];
    const name = "kept";
    const made = { client, createIfMissing: true } as const;
    await Dict.fromName(name, { ...made, expiry: policies[1], durability: "everysec" }).put("a", 1);
    const wrong = [
      [
        { expiry: policies[0] },
        `Dict 'kept' exists with expiry { policy: "afterWrite", ttlMs: 1234 }, not { policy: "never" }: ` +
          "finding a Dict does not change it. Leave `expiry` out, or change it with `configure`",
      ],
      [
        { durability: "sync" },
        `Dict 'kept' exists with durability "everysec", not "sync": finding a Dict does not change it. ` +
          "Leave `durability` out, or change it with `configure`",
      ],
    ] as const;
    for (const [wish, message] of wrong) {
      const attempts = [
        () => Dict.fromName(name, { ...made, ...wish }).get("a"),
        () => Dict.fromName(name, { client, ...wish }).hydrate(),
        () => Dict.objects.create(name, { client, allowExisting: true, ...wish }),
      ];
      for (const attempt of attempts) {
        const refused = expect(attempt()).rejects;
        await refused.toThrow(InvalidError);
        await refused.toMatchObject({ code: "conflict", message });
      }
    }
    const granted = Dict.fromName(name, { ...made, expiry: policies[1], durability: "everysec" });
    expect(await granted.len()).toBe(1);
    expect(await Dict.fromName(name, made).len()).toBe(1);
    await Dict.delete(name, { client });
  });
});
