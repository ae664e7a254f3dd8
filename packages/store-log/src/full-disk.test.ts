// A real file system that is full: what removes goes on there, and afterwards everything does.
import { canMountSmallDisks, mountSmallDisk, type SmallDisk } from "@everdict/testkit";
import { expect, onTestFinished, test, vi } from "vitest";
import type { LogStore } from "./log-store.ts";
import type { LogStoreOptions } from "./options.ts";
import { dictId, get, openWithDict, put } from "./testing/small-store.ts";

vi.setConfig({ testTimeout: 60_000 });
const canMount = canMountSmallDisks("stores on a full disk");

const MIB = 1024 * 1024;
const diskBytes = 32 * MIB;
const valueBytes = 4000;
const writesWithinMs = 5000;

function smallDisk(): SmallDisk {
  const disk = mountSmallDisk(diskBytes);
  onTestFinished(() => disk[Symbol.dispose]());
  return disk;
}

/** Opens the store of a disk, on which a test has its way with time. */
function openOn(disk: SmallDisk, options: Partial<LogStoreOptions> = {}): Promise<LogStore> {
  return openWithDict(`${disk.path}/data`, options);
}

function valueFor(name: string): string {
  return `${name}:`.padEnd(valueBytes, "x");
}

/** Writes until the disk is full. @returns how many were acknowledged */
async function fill(store: LogStore, id = dictId): Promise<number> {
  for (let count = 0; ; ) {
    const names = Array.from({ length: 16 }, (_, index) => `k${count + index}`);
    const outcomes = await Promise.allSettled(names.map((name) => putIn(store, id, name)));
    const refused = outcomes.findIndex(({ status }) => status === "rejected");
    if (refused < 0) {
      count += names.length;
      continue;
    }
    expect((outcomes[refused] as PromiseRejectedResult).reason).toMatchObject({ code: "store_full" });
    for (const [index, { status }] of outcomes.entries()) {
      if (status === "fulfilled") expect(index).toBeLessThan(refused);
    }
    return count + refused;
  }
}

function putIn(store: LogStore, id: string, name: string): Promise<void> {
  return store.update(id, [{ key: Buffer.from(name), value: Buffer.from(valueFor(name)) }]);
}

/** @returns after how many milliseconds a write was taken again */
async function writesGoOn(store: LogStore): Promise<number> {
  const startMs = performance.now();
  await vi.waitFor(() => put(store, "after", valueFor("after")), { timeout: writesWithinMs, interval: 20 });
  return performance.now() - startMs;
}

async function expectAll(store: LogStore, count: number, id = dictId): Promise<void> {
  for (let index = 0; index < count; index++) {
    const value = await store.get(id, Buffer.from(`k${index}`));
    expect(value === undefined ? undefined : Buffer.from(value).toString()).toBe(valueFor(`k${index}`));
  }
}

interface Way {
  readonly name: string;
  /** Removes most of the entries. */
  remove(store: LogStore, count: number): Promise<unknown>;
}

const ways: readonly Way[] = [
  { name: "pop", remove: (store, count) => each(count, (key) => store.pop(dictId, key)) },
  {
    name: "pop with tokens",
    remove: (store, count) =>
      each(count, async (key) => {
        const token = key.toString();
        await store.pop(dictId, key, { token });
        store.forgetTokens("pop", dictId, [token]);
      }),
  },
  {
    name: "overwrite",
    remove: (store, count) => each(count, (key) => store.update(dictId, [{ key, value: Buffer.from("1") }])),
  },
  { name: "clear", remove: (store) => store.clear(dictId) },
  { name: "delete", remove: (store) => store.deleteDict(dictId) },
];

async function each(count: number, work: (key: Buffer) => Promise<unknown>): Promise<void> {
  for (let index = 0; index < count; index++) await work(Buffer.from(`k${index}`));
}

/** Tells a full disk from one that somebody else has filled to the last byte. */
const circumstances = [
  ["", async (store: LogStore) => store],
  [
    " with no byte free",
    async (store: LogStore, disk: SmallDisk) => {
      disk.occupy();
      return store;
    },
  ],
  [
    " after a restart",
    async (store: LogStore, disk: SmallDisk) => {
      await store.close();
      return openOn(disk);
    },
  ],
] as const;

for (const [circumstance, arrange] of circumstances) {
  test.runIf(canMount).each(ways)(
    `a full disk${circumstance}: after $name writes go on`,
    async ({ name, remove }) => {
      const disk = smallDisk();
      let store = await openOn(disk);
      const count = await fill(store);
      expect(count).toBeGreaterThan(diskBytes / valueBytes / 2);
      store = await arrange(store, disk);
      await expectAll(store, count);
      await remove(store, count);
      if (name === "delete") {
        await vi.waitFor(
          () =>
            store.createDict({
              id: "di-next",
              environmentId: "en-test",
              name: "next",
              createdBy: "",
              expiry: { policy: "never" },
              data: [{ key: Buffer.from("k0"), value: Buffer.from(valueFor("k0")) }],
            }),
          { timeout: writesWithinMs, interval: 20 },
        );
        return;
      }
      const tookMs = await writesGoOn(store);
      console.log(`${name}${circumstance}: ${count} entries, writes go on after ${tookMs.toFixed(0)} ms`);
      expect(await get(store, "after")).toBe(valueFor("after"));
    },
  );
}
