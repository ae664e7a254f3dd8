// What goes beyond Modal's calls against Modal's cloud: made of its calls, or refused before anything is sent. The cloud's
// part is taken by a server of ours, of which only Modal's calls are used.
import { type Engine, openMemoryEngine } from "@everdict/embedded";
import { type RunningServer, startServer } from "@everdict/server";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { parseServerUrl } from "../connection/server-address.ts";
import { features, refusalOf } from "../features.ts";
import { Client, type Cursor, Dict, type DictKey, type Feature } from "../index.ts";
import { GrpcChannel } from "./grpc-channel.ts";
import { GrpcTransport } from "./grpc-transport.ts";
import { ModalCloudService } from "./modal-cloud-service.ts";
import { systemClock } from "./system-clock.ts";

let engine: Engine;
let server: RunningServer;
let transport: GrpcTransport;
let client: Client;
/** The calls that were sent, by their paths. */
let sent: string[] = [];

beforeAll(async () => {
  engine = await openMemoryEngine();
  const authenticator = {
    authenticate: () => ({ id: "one", name: "one" }),
    isCurrent: () => true,
    describe: () => ({ tokenId: "ak-one", name: "one", createdAtSeconds: 0 }),
  };
  server = await startServer({ engine, authenticator, port: 0, shutdownGraceMs: 100 });
  const { address } = parseServerUrl(server.url, "test");
  transport = new GrpcTransport({
    openChannel: async () => recording(new GrpcChannel(address)),
    credentials: { tokenId: "ak-one", tokenSecret: "as-one" },
    needsAuthToken: false,
    timeoutMs: 10_000,
    maxThrottleWaitMs: undefined,
    clock: systemClock,
  });
  const service = new ModalCloudService(transport);
  client = Client.fromService(service);
  client.session = async () => ({
    service,
    environment: "",
    refusalOf: (one) => refusalOf("modal", one),
    role: () => undefined,
  });
});
beforeEach(() => {
  sent = [];
});
afterAll(async () => {
  await transport.close();
  await server.close();
  await engine.close();
});

function recording(channel: GrpcChannel): GrpcChannel {
  for (const kind of ["unary", "stream"] as const) {
    const inner = channel[kind].bind(channel) as (call: { path: string }) => never;
    channel[kind] = (call: { path: string }) => {
      sent.push(call.path);
      return inner(call);
    };
  }
  return channel;
}

const named = <K extends DictKey>(name: string) =>
  Dict.fromName<K, unknown>(name, { client, createIfMissing: true });
const callsOf = (name: string) => sent.filter((path) => path === `/modal.client.ModalClient/${name}`).length;

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const each of source) all.push(each);
  return all;
}

test("reads and removals of many entries are made of Modal's calls", async () => {
  const dict = named<string>("many");
  await dict.update(Array.from({ length: 150 }, (_, n) => [`${n < 100 ? "a" : "b"}-${n}`, n] as const));
  expect(await dict.getMany(["a-5", "nothing", "b-100"])).toEqual([5, undefined, 100]);
  expect((await collect(dict.keys({ prefix: "b-" }))).length).toBe(50);
  expect((await collect(dict.values({ prefix: "b-10" }))).length).toBe(10);
  expect(await dict.removeMany({ prefix: "a-1" }, { dryRun: true })).toBe(11);
  expect(await dict.removeMany({ prefix: "a-1" })).toBe(11);
  expect(await dict.removeMany(["a-1", "a-2"])).toBe(1);
  expect(await dict.len()).toBe(138);
  expect(callsOf("DictGet")).toBe(3);
  expect(callsOf("DictPop")).toBe(13);
  expect(sent.every((path) => path.startsWith("/modal.client.ModalClient/"))).toBe(true);
});

test("pages have every entry once, also while others come and go", async () => {
  const dict = named<string>("pages");
  await dict.update(Array.from({ length: 100 }, (_, n) => [`stays-${n}`, n] as const));
  await dict.update(Array.from({ length: 40 }, (_, n) => [`goes-${n}`, n] as const));
  const seen: string[] = [];
  let after: Cursor | undefined;
  for (let round = 0; round === 0 || after !== undefined; round++) {
    const page = await dict.page({ after, limit: 9, values: round % 2 === 0 });
    for (const [key, value] of page.entries) {
      if (!key.startsWith("stays")) continue;
      seen.push(key);
      expect(value).toBe(round % 2 === 0 ? Number(key.slice(6)) : undefined);
    }
    await dict.remove(`goes-${round}`);
    await dict.put(`comes-${round}`, 0);
    after = page.next;
  }
  expect(seen.sort()).toEqual(Array.from({ length: 100 }, (_, n) => `stays-${n}`).sort());
});

const refused: Record<
  Exclude<Feature, "getMany" | "removeMany" | "prefix" | "page">,
  (dict: Dict) => unknown
> = {
  entry: (dict) => dict.entry("a"),
  ifVersion: (dict) => dict.remove("a", { ifVersion: "0123456789abcdef" }),
  onlyIfExists: (dict) => dict.put("a", 1, { onlyIfExists: true }),
  ttlMs: (dict) => dict.update({ a: 1 }, { ttlMs: 1000 }),
  modify: (dict) => dict.modify("a", () => 1),
  increment: (dict) => dict.increment("a"),
  touch: (dict) => dict.touch("a", { ttlMs: 1000 }),
  transaction: (dict) => dict.transaction().put("a", 1).commit(),
  stats: (dict) => dict.stats(),
  configure: (dict) => dict.configure({ durability: "sync" }),
};

test.each(Object.entries(refused))("%s is refused before anything is sent", async (feature, call) => {
  for (const known of [named("refused"), await named("refused").hydrate()]) {
    sent = [];
    await expect(call(known)).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringMatching(/^Modal's cloud knows no .*: connect to a server of ours/),
    });
    expect(sent).toEqual([]);
  }
  expect(await client.supports(feature as Feature)).toBe(false);
});

test("options that say nothing go beyond nothing", async () => {
  const dict = named<string>("said-nothing");
  expect(await dict.put("a", 1, { ttlMs: undefined, onlyIfExists: false })).toBe(true);
  await dict.update({ b: 2 }, { ttlMs: undefined });
  expect(await dict.getMany(["a", "b"])).toEqual([1, 2]);
});

test("supports tells what is made of Modal's calls, and a client of an engine can do all", async () => {
  const can: Feature[] = [];
  for (const feature of features) if (await client.supports(feature)) can.push(feature);
  expect(can).toEqual(["getMany", "removeMany", "prefix", "page"]);
  await using local = Client.connect({ url: "memory:supports" });
  for (const feature of features) expect(await local.supports(feature)).toBe(true);
  await expect(local.supports("watch" as never)).rejects.toMatchObject({ code: "invalid_argument" });
});

test("the service itself refuses, too, whatever asks it", async () => {
  const service = await client.service();
  const calls = [
    service.commit("di-1", { conditions: [], changes: [] }),
    service.entry("di-1", new Uint8Array(1)),
    service.stats("di-1"),
    service.configureDict("di-1", {}),
    service.update("di-1", [{ key: new Uint8Array(1), value: new Uint8Array(1), ttlMs: 5 }]),
  ];
  for (const call of calls) await expect(call).rejects.toMatchObject({ code: "unsupported" });
  expect(sent).toEqual([]);
});
