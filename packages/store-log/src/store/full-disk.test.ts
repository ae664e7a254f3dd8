// A real file system that is full: what removes goes on there, and afterwards everything does.
import { idempotencyGuaranteeMs } from "@everdict/protocol";
import { mountSmallDisk, type SmallDisk, smallDisksAreSetUp } from "@everdict/testkit";
import { expect, onTestFinished, test, vi } from "vitest";
import { dictId, get, openWithDict, put } from "../testing/small-store.ts";
import type { LogStore } from "./log-store.ts";
import type { LogStoreOptions } from "./options.ts";

vi.setConfig({ testTimeout: 60_000 });
const canMount = smallDisksAreSetUp();

const MIB = 1024 * 1024;
const diskBytes = 24 * MIB;
const valueBytes = 4000;
const writesWithinMs = 5000;
/** Of this many entries one is not removed. */
const staysEvery = 25;
const endingId = "di-ending";
const endsAfterMs = 3_600_000;

interface Filled {
  readonly disk: SmallDisk;
  readonly store: LogStore;
  readonly count: number;
}

let nowMs = Date.UTC(2026, 0, 1);

function smallDisk(): SmallDisk {
  const disk = mountSmallDisk(diskBytes);
  onTestFinished(() => disk[Symbol.dispose]());
  return disk;
}

function openOn(disk: SmallDisk, options: Partial<LogStoreOptions> = {}): Promise<LogStore> {
  return openWithDict(`${disk.path}/data`, { clock: () => nowMs, ...options });
}

function valueFor(name: string): string {
  return `${name}:`.padEnd(valueBytes, "x");
}

function putIn(store: LogStore, id: string, name: string): Promise<void> {
  return store.update(id, [{ key: Buffer.from(name), value: Buffer.from(valueFor(name)) }]);
}

/** Writes until the disk is full. @returns how many were acknowledged */
async function fill(store: LogStore, id: string): Promise<number> {
  for (let count = 0; ; ) {
    const names = Array.from({ length: 16 }, (_, index) => `k${count + index}`);
    const outcomes = await Promise.allSettled(names.map((name) => putIn(store, id, name)));
    const refused = outcomes.findIndex(({ status }) => status === "rejected");
    count += refused < 0 ? names.length : refused;
    if (refused < 0) continue;
    for (const outcome of outcomes.slice(refused)) {
      expect(outcome).toMatchObject({ status: "rejected", reason: { code: "store_full" } });
    }
    expect(store.health().isFull).toBe(true);
    return count;
  }
}

/** @returns after how many milliseconds a write was taken again */
async function writesGoOn(store: LogStore): Promise<number> {
  const startMs = performance.now();
  const write = async () => {
    if (store.findDict("en-test", "next") === undefined) await createDict(store, "di-next", "next");
    await putIn(store, "di-next", "after");
  };
  await vi.waitFor(write, { timeout: writesWithinMs, interval: 10 });
  return performance.now() - startMs;
}

async function createDict(store: LogStore, id: string, name: string, ttlMs?: number): Promise<void> {
  const expiry =
    ttlMs === undefined ? ({ policy: "never" } as const) : ({ policy: "afterWrite", ttlMs } as const);
  await store.createDict({ id, environmentId: "en-test", name, createdBy: "", expiry, data: [] });
}

/** Everything from `k0` on is there as it was written, or, where `isGone` says so, not there. */
async function expectEntries(store: LogStore, id: string, count: number, isGone = (_: number) => false) {
  for (let index = 0; index < count; index++) {
    const name = `k${index}`;
    const value = await store.get(id, Buffer.from(name));
    const text = value && Buffer.from(value).toString();
    expect(text).toBe(isGone(index) ? undefined : valueFor(name));
  }
}

interface Way {
  readonly name: string;
  /** In which dictionary. Default: that of all tests. */
  readonly id?: string;
  /** Removes entries: all but one of `staysEvery`. */
  remove(store: LogStore, count: number): Promise<unknown>;
  /** What is there afterwards. Default: what was not removed, and nothing else. */
  expectRest?(store: LogStore, count: number): Promise<unknown>;
}

const ways: readonly Way[] = [
  { name: "pop", remove: (store, count) => each(count, (key) => store.pop(dictId, key)) },
  {
    name: "pop with idempotency keys",
    remove: (store, count) =>
      each(count, async (key) => {
        const idempotencyKey = key.toString();
        expect(Buffer.from((await store.pop(dictId, key, { idempotencyKey }))!).toString()).toBe(
          valueFor(idempotencyKey),
        );
        store.forgetAnswers("pop", dictId, [idempotencyKey]);
      }),
  },
  {
    name: "removeMany",
    remove: async (store, count) => {
      const keys = Array.from({ length: count }, (_, index) => index).filter(isRemoved);
      const removed = await store.removeMany(
        dictId,
        keys.map((index) => Buffer.from(`k${index}`)),
        { idempotencyKey: "all of them" },
      );
      expect(removed).toBe(keys.length);
    },
  },
  {
    name: "commits that remove",
    remove: (store, count) =>
      each(count, async (key) => {
        const conditions = [{ key, expected: "present" as const }];
        const removal = { conditions, changes: [{ kind: "remove" as const, key }] };
        expect(await store.commit(dictId, removal)).toMatchObject({ committed: true });
        const addition = { conditions: [], changes: [{ kind: "put" as const, key, value: key }] };
        if (!store.health().isFull) return;
        await expect(store.commit(dictId, addition)).rejects.toMatchObject({ code: "store_full" });
      }),
  },
  {
    name: "pop with idempotency keys, 20 s later,",
    remove: async (store, count) => {
      await each(count, (key) => store.pop(dictId, key, { idempotencyKey: key.toString() }));
      nowMs += idempotencyGuaranteeMs;
    },
  },
  {
    name: "overwriting by less",
    remove: (store, count) => each(count, (key) => store.update(dictId, [{ key, value: Buffer.from("1") }])),
    expectRest: async (store, count) => {
      for (let index = 0; index < count; index++) {
        const expected = isRemoved(index) ? "1" : valueFor(`k${index}`);
        expect(await get(store, `k${index}`)).toBe(expected);
      }
    },
  },
  {
    name: "clear",
    remove: (store) => store.clear(dictId),
    expectRest: async (store) => expect(store.len(dictId)).toBe(0),
  },
  {
    name: "delete",
    remove: (store) => store.deleteDict(dictId),
    // Another one, which the opening of these tests makes.
    expectRest: async (store) => expect(store.len(dictId)).toBe(0),
  },
  {
    name: "expiry",
    id: endingId,
    remove: async () => {
      nowMs += endsAfterMs;
    },
    expectRest: async (store, count) => {
      await expectEntries(store, endingId, count, () => true);
    },
  },
];

function isRemoved(index: number): boolean {
  return index % staysEvery !== 0;
}

async function each(count: number, work: (key: Buffer) => Promise<unknown>): Promise<void> {
  for (let index = 0; index < count; index++) if (isRemoved(index)) await work(Buffer.from(`k${index}`));
}

interface Circumstance {
  readonly title: string;
  arrange(filled: Filled): Promise<LogStore>;
}

const circumstances: readonly Circumstance[] = [
  { title: "", arrange: async ({ store }) => store },
  {
    title: " that others have filled to the last byte",
    arrange: async ({ store, disk }) => {
      disk.occupy();
      return store;
    },
  },
  {
    title: " that others have filled to the last byte, opened again",
    arrange: async ({ store, disk }) => {
      await store.close();
      disk.occupy();
      expect(disk.freeBytes()).toBe(0);
      return openOn(disk);
    },
  },
];

for (const { title, arrange } of circumstances) {
  test.runIf(canMount).each(ways)(
    `a full disk${title}: all can be read, and after $name writes go on`,
    async ({ name, id = dictId, remove, expectRest }) => {
      const disk = smallDisk();
      const filling = await openOn(disk);
      await createDict(filling, endingId, "ending", endsAfterMs);
      const count = await fill(filling, id);
      expect(count).toBeGreaterThan(diskBytes / valueBytes / 2);
      let store = await arrange({ store: filling, disk, count });
      await expectEntries(store, id, count);
      await remove(store, count);
      const tookMs = await writesGoOn(store);
      console.log(`${name}, disk${title}: ${count} entries, writes go on after ${tookMs.toFixed(0)} ms`);
      disk.giveBack();
      await store.close();
      store = await openOn(disk);
      if (expectRest === undefined) await expectEntries(store, id, count, isRemoved);
      else await expectRest(store, count);
      expect(await store.contains("di-next", Buffer.from("after"))).toBe(true);
    },
  );
}

test.runIf(canMount)(
  "a full disk: the space of what was cleared comes back although a write was refused after",
  async () => {
    const disk = smallDisk();
    const store = await openOn(disk);
    await fill(store, dictId);
    const cleared = store.clear(dictId);
    await Promise.allSettled([cleared, put(store, "refused", valueFor("refused"))]);
    await cleared;
    await vi.waitFor(() => expect(disk.freeBytes()).toBeGreaterThan(diskBytes / 2), {
      timeout: writesWithinMs,
    });
  },
);

test.runIf(canMount)(
  "a full disk: what others give back is room again, without a restart or a removal",
  async () => {
    const disk = smallDisk();
    const store = await openOn(disk);
    disk.occupy(diskBytes / 2);
    const count = await fill(store, dictId);
    disk.giveBack();
    await writesGoOn(store);
    expect(store.health()).toEqual({ isFull: false, isOutOfDescriptors: false, readErrors: 0 });
    await expectEntries(store, dictId, count);
  },
);
