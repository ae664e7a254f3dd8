// Programs of Python and of TypeScript on the same entries, and Modal's unmodified client beside them.
import {
  type EverdictProcess,
  type Fate,
  type ProxiedCall,
  type Python,
  pythonIsSetUp,
  seededRandom,
  startEverdict,
  startPython,
  startReplyDroppingProxy,
  waitUntil,
} from "@everdict/testkit";
import { type Client, Dict } from "everdict";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectTo } from "../connect-to.ts";
import { type InstalledPackage, installPackage } from "./install-package.ts";

const setUp = `
import asyncio, everdict
d = everdict.Dict.from_name(name, create_if_missing=True)
m = modal.Dict.from_name(name)
`;

describe.skipIf(!pythonIsSetUp(["package"]))("Python and TypeScript on the same entries", () => {
  let installed: InstalledPackage;
  let server: EverdictProcess;
  let client: Client;
  let python: Python<"package">;
  beforeAll(async () => {
    installed = await installPackage();
    server = await startEverdict();
    client = connectTo(server);
    python = startPython("package", { ...server.env, ...installed.env });
  }, 120_000);
  afterAll(async () => {
    await python?.stop();
    await client?.close();
    await server?.[Symbol.asyncDispose]();
    installed?.[Symbol.dispose]();
  });

  /** A dictionary of its own for a test: `dict` here; in Python `d`, and `m` by Modal's client. */
  async function shared<V>(name: string) {
    const dict = Dict.fromName<string, V>(name, { client, createIfMissing: true });
    await dict.hydrate();
    await python.run(setUp, { scope: name, variables: { name } });
    return { dict, inPython: async (code: string) => (await python.run(code, { scope: name })).json };
  }

  test("they count on one number, which Modal's client reads as an int and may set", async () => {
    const { dict, inPython } = await shared<number | bigint>("count");
    const counting = Array.from({ length: 200 }, () => dict.increment("n"));
    await inPython(`
async def count():
    await asyncio.gather(*[d.increment.aio("n") for _ in range(200)])
run(count())`);
    await Promise.all(counting);
    expect(await inPython(`[type(m["n"]).__name__, m["n"]]`)).toEqual(["int", 400]);
    await inPython(`m["n"] = 5`);
    expect(await dict.increment("n", 0.5)).toBe(5.5);
    expect(await inPython(`[type(m["n"]).__name__, d.increment("n", -1)]`)).toEqual(["float", 4.5]);
    expect(await dict.increment("large", 2n ** 70n)).toBe(2n ** 70n);
    expect(await inPython(`d.increment("large") == 2**70 + 1 and m["large"] == 2**70 + 1`)).toBe(true);
  });

  test("they see the same versions, and every write of Modal's client changes one", async () => {
    const { dict, inPython } = await shared<string>("versions");
    await dict.put("k", "from TypeScript");
    const first = (await dict.entry("k"))!.version;
    expect(await inPython(`d.entry("k").version`)).toBe(first);
    expect(await inPython(`d.put("k", "from Python", if_version="${first}")`)).toBe(true);
    expect(await dict.put("k", "late", { ifVersion: first })).toBe(false);
    const second = (await dict.entry("k"))!.version;
    await inPython(`m["k"] = "from Modal's client"`);
    expect(await dict.put("k", "late", { ifVersion: second })).toBe(false);
    expect(await inPython(`d.remove("k", if_version="${second}")`)).toBe(false);
    expect(await inPython(`d.pop("k", if_version=d.entry("k").version)`)).toBe("from Modal's client");
    expect(await dict.entry("k")).toBeUndefined();
  });

  test("an end that one sets is absence to the other, and to Modal's client", async () => {
    const { dict, inPython } = await shared<string>("ends");
    await inPython(`d.put("by Python", "v", ttl=0.05)`);
    await dict.put("by TypeScript", "v", { ttlMs: 50 });
    await waitUntil("both have ended", async () =>
      (await dict.getMany(["by Python", "by TypeScript"])).every((v) => v === undefined),
    );
    expect(await inPython(`["by Python" in m, m.get("by TypeScript"), d.entry("by TypeScript")]`)).toEqual([
      false,
      null,
      null,
    ]);
    await inPython(`d.put("kept", "v", ttl=60)`);
    const { expiresAt } = (await dict.entry("kept"))!;
    expect(await inPython(`round(d.entry("kept").expires_at.timestamp() * 1000)`)).toBe(expiresAt!.getTime());
    expect(await dict.touch("kept", { ttlMs: null })).toBe(true);
    expect(await inPython(`d.entry("kept").expires_at is None`)).toBe(true);
  });

  test("transfers of both keep the sum", async () => {
    const { dict, inPython } = await shared<number>("bank");
    const accounts = Array.from({ length: 4 }, (_, index) => `account-${index}`);
    await dict.update(accounts.map((account) => [account, 100] as const));
    const random = seededRandom(7);
    const transfer = async (): Promise<void> => {
      const [from, to] = [random.integer(4), random.integer(3)];
      const other = to >= from ? to + 1 : to;
      await dict
        .transaction()
        .increment(accounts[from]!, -5, { min: 0 })
        .increment(accounts[other]!, 5)
        .commit();
    };
    const transferring = Promise.all(Array.from({ length: 100 }, transfer));
    await inPython(`
import random
async def transfer(source, target):
    while True:
        a, b = await d.entry.aio(source), await d.entry.aio(target)
        if a.value < 3:
            return
        try:
            async with d.transaction() as t:
                t.check(source, version=a.version)
                t.check(target, version=b.version)
                t.put(source, a.value - 3)
                t.put(target, b.value + 3)
            return
        except everdict.Refused:
            pass
async def transfers():
    accounts = [f"account-{n}" for n in range(4)]
    await asyncio.gather(*[transfer(*random.sample(accounts, 2)) for _ in range(40)])
run(transfers())`);
    await transferring;
    expect(await inPython(`sum(m.values())`)).toBe(400);
    expect(await inPython(`min(m.values()) >= 0`)).toBe(true);
  });

  test("32 callers of each modify one key, and nothing is lost", async () => {
    const { dict, inPython } = await shared<string[]>("modified");
    const add = (name: string) => dict.modify("all", (names) => [...(names ?? []), name]);
    const adding = Promise.all(Array.from({ length: 32 }, (_, index) => add(`t${index}`)));
    await inPython(`
async def add(name):
    await d.modify.aio("all", lambda names: [*names, name], default=[])
async def add_all():
    await asyncio.gather(*[add(f"p{n}") for n in range(32)])
run(add_all())`);
    await adding;
    expect(new Set(await dict.get("all")).size).toBe(64);
  });

  test("a page that one begins the other goes on reading", async () => {
    const { dict, inPython } = await shared<number>("pages");
    await dict.update(Array.from({ length: 40 }, (_, index) => [`job-${index}`, index] as const));
    await inPython(`m.update({("user", n): n for n in range(40)})`);
    const first = await dict.page({ prefix: "job-", limit: 15 });
    const rest = (await inPython(`
rest, after = [], "${first.next}"
while after is not None:
    page = d.page(prefix="job-", after=after, limit=7)
    rest += page.entries
    after = page.next
rest`)) as [string, number][];
    const keys = [...first.entries.map(([key]) => key), ...rest.map(([key]) => key)];
    expect(keys).toHaveLength(40);
    expect(new Set(keys).size).toBe(40);
    expect(await inPython(`sorted(d.values(prefix=("user",))) == list(range(40))`)).toBe(true);
    expect(await inPython(`[d.remove_many(prefix=("user",)), m.len()]`)).toEqual([40, 40]);
  });

  test("increments and removals whose answers are lost are made once", async () => {
    const { dict, inPython } = await shared<number>("lost");
    await dict.update(Array.from({ length: 50 }, (_, index) => [`k${index}`, index] as const));
    const random = seededRandom(3);
    const lose = ({ method, attempt }: ProxiedCall): Fate => {
      if (method !== "Commit" && method !== "RemoveMany") return "deliver";
      if (attempt > 1) return "deliver";
      return attempt === 0 || random.chance(0.2) ? (random.chance(0.1) ? "cut" : "reset") : "deliver";
    };
    await using proxy = await startReplyDroppingProxy(server.serverUrl, lose);
    await using behind = startPython("package", {
      ...server.env,
      ...installed.env,
      MODAL_SERVER_URL: proxy.url,
    });
    await behind.run(setUp, { variables: { name: "lost" } });
    const { json } = await behind.run(`
async def count():
    return await asyncio.gather(*[d.increment.aio("n") for _ in range(100)])
removed = d.remove_many(f"k{n}" for n in range(60))
[sorted(run(count())) == list(range(1, 101)), removed]`);
    expect(json).toEqual([true, 50]);
    expect(Math.min(proxy.counts.reset, proxy.counts.cut)).toBeGreaterThan(0);
    expect(await inPython(`m["n"]`)).toBe(100);
    expect(await dict.len()).toBe(1);
  }, 60_000);
});
