/** A server whose disk is full, and clients that try again until they are let. */

import {
  type EverdictProcess,
  mountSmallDisk,
  type SmallDisk,
  smallDisksAreSetUp,
  startEverdict,
  waitUntil,
} from "@everdict/testkit";
import { Client, Dict, type NewDictOptions } from "everdict";
import { beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { buildEverdict } from "../../test-support/run-everdict.ts";

// Processes on a busy machine.
vi.setConfig({ testTimeout: 120_000 });
beforeAll(() => buildEverdict(), 120_000);
const canMount = smallDisksAreSetUp();

const MIB = 1024 * 1024;
const diskBytes = 16 * MIB;
const valueBytes = 16_000;
const writers = 8;
const writesWithinMs = 5000;
const endsAfterMs = 6000;
/** Of this many entries one is not removed. */
const staysEvery = 25;
const retryMs = 20;
const patience = { timeoutMs: 30_000 };

type Entries = Dict<string, string>;

function smallDisk(): SmallDisk {
  const disk = mountSmallDisk(diskBytes);
  onTestFinished(() => disk[Symbol.dispose]());
  return disk;
}

function connect({ url, token }: EverdictProcess): Client {
  const client = Client.connect({ url, ...token });
  onTestFinished(() => client.close());
  return client;
}

function valueFor(key: string): string {
  return `${key}:`.padEnd(valueBytes, "x");
}

/** Several writers until each was refused. @returns what was acknowledged */
async function fill(dict: Entries): Promise<string[]> {
  const acknowledged: string[] = [];
  let next = 0;
  const write = async () => {
    for (;;) {
      const key = `k${next++}`;
      try {
        await dict.put(key, valueFor(key));
      } catch (error) {
        expect(error).toMatchObject({ code: "store_full" });
        return;
      }
      acknowledged.push(key);
    }
  };
  await Promise.all(Array.from({ length: writers }, write));
  return acknowledged;
}

/** @returns after how many milliseconds a client that tries again and again was let */
async function writesGoOn(dict: Entries): Promise<number> {
  const startMs = performance.now();
  const isLet = async (): Promise<boolean> => {
    try {
      return await dict.put("after", valueFor("after"));
    } catch (error) {
      expect(error).toMatchObject({ code: "store_full" });
      return false;
    }
  };
  await waitUntil("writes go on", isLet, { timeoutMs: 60_000, everyMs: retryMs });
  return performance.now() - startMs;
}

async function expectAll(dict: Entries, keys: readonly string[]): Promise<void> {
  const values = await Promise.all(keys.map((key) => dict.get(key)));
  expect(values.map((value, index) => value === valueFor(keys[index]!)).indexOf(false)).toBe(-1);
}

interface Way {
  readonly name: string;
  readonly options?: Pick<NewDictOptions<string, string>, "expiry">;
  /** @returns what has to be there still */
  remove(dict: Entries, keys: readonly string[]): Promise<readonly string[]>;
}

const ways: readonly Way[] = [
  {
    name: "pop",
    remove: (dict, keys) =>
      each(keys, async (key) => {
        const value = await dict.pop(key);
        expect(value === valueFor(key)).toBe(true);
      }),
  },
  { name: "overwriting by less", remove: (dict, keys) => each(keys, (key) => dict.put(key, "1")) },
  {
    name: "clear",
    remove: async (dict) => {
      await dict.clear();
      return [];
    },
  },
  {
    name: "expiry",
    options: { expiry: { policy: "afterWrite", ttlMs: endsAfterMs } },
    remove: async (dict) => {
      const isOver = async () => !(await dict.contains("k0"));
      await waitUntil("the first entry has ended", isOver, patience);
      return [];
    },
  },
];

async function each(keys: readonly string[], work: (key: string) => Promise<unknown>): Promise<string[]> {
  const isRemoved = (index: number) => index % staysEvery !== 0;
  const removed = keys.filter((_, index) => isRemoved(index));
  // As many at once as there were writers.
  await Promise.all(
    Array.from({ length: writers }, async (_, first) => {
      for (let index = first; index < removed.length; index += writers) await work(removed[index]!);
    }),
  );
  return keys.filter((_, index) => !isRemoved(index));
}

test.runIf(canMount).each(ways)(
  "a server on a full disk goes on after $name, and after a kill while it is full; nothing acknowledged is lost",
  async ({ name, options = {}, remove }) => {
    const disk = smallDisk();
    let server = await startEverdict({ dataDirectory: `${disk.path}/data` });
    onTestFinished(() => server[Symbol.asyncDispose]());
    let dict: Entries = Dict.fromName("d", { client: connect(server), createIfMissing: true, ...options });
    const keys = await fill(dict);
    expect(keys.length).toBeGreaterThan(diskBytes / valueBytes / 2);
    expect(server.log()).toContain("the disk is full: what adds is refused");

    disk.occupy();
    await server.kill9();
    server = await server.restart();
    dict = Dict.fromName("d", { client: connect(server) });
    if (name !== "expiry") await expectAll(dict, keys);
    const kept = await remove(dict, keys);
    const tookMs = await writesGoOn(dict);
    console.log(`${name}: ${keys.length} entries, writes go on after ${tookMs.toFixed(0)} ms`);
    expect(tookMs).toBeLessThan(writesWithinMs);

    await server.kill9();
    server = await server.restart();
    dict = Dict.fromName("d", { client: connect(server) });
    await expectAll(dict, [...kept, "after"]);
  },
);

test.runIf(canMount)(
  "a server on a full disk goes on after a dictionary is deleted, and its health says so",
  async () => {
    const disk = smallDisk();
    const server = await startEverdict({ dataDirectory: `${disk.path}/data` });
    onTestFinished(() => server[Symbol.asyncDispose]());
    const client = connect(server);
    const readiness = async () => (await fetch(`${server.serverUrl}/readyz`)).text();
    await fill(Dict.fromName("d", { client, createIfMissing: true }));
    const isFull = async () => (await readiness()).includes("store degraded: the disk is full");
    await waitUntil("its health says that the disk is full", isFull, patience);

    await Dict.delete("d", { client });
    const next: Entries = Dict.fromName("next", { client, createIfMissing: true });
    expect(await writesGoOn(next)).toBeLessThan(writesWithinMs);
    const isWell = async () => !(await readiness()).includes("store degraded");
    await waitUntil("its health says that there is room", isWell, patience);
    expect(server.log().match(/the disk is full: what adds|the disk has room again/g)?.length).toBeLessThan(
      10,
    );
  },
);
