// What is known of a dictionary's size is right after anything that changes it.
import { SeededRandom } from "@everdict/testkit";
import { expect, onTestFinished, test } from "vitest";
import { asKilled, dictId, isMostlyCompacted, temporaryDirectory } from "../testing/small-store.ts";
import type { LogStore } from "./log-store.ts";
import { openLogStore } from "./open-log-store.ts";

const ttlMs = 1000;

/** A store on which time stands, and the model: the lengths of values by key, and when they end. */
class Counted {
  nowMs = Date.UTC(2026, 0, 1);
  store!: LogStore;
  readonly model = new Map<string, { readonly bytes: number; readonly endMs: number }>();
  readonly #random = new SeededRandom(7);

  async open(directory: string): Promise<void> {
    const clock = () => this.nowMs;
    this.store = await openLogStore({ directory, clock, segmentMaxBytes: 16 * 1024 });
    const { store } = this;
    onTestFinished(() => store.close());
  }

  expectRight(): void {
    let bytes = 0;
    for (const [key, value] of this.model) bytes += key.length + value.bytes;
    expect(this.store.stats(dictId)).toEqual({ entries: this.model.size, bytes });
  }

  async step(): Promise<void> {
    const key = `key-${this.#random.integer(40)}`;
    const what = this.#random.integer(100);
    if (what < 60) await this.#put(key);
    else if (what < 75) await this.#remove([key, `key-${this.#random.integer(40)}`]);
    else if (what < 90) this.nowMs += this.#random.integer(ttlMs / 4);
    else if (what < 99) await this.#sweep();
    else {
      await this.store.clear(dictId);
      this.model.clear();
    }
  }

  async #put(key: string): Promise<void> {
    const bytes = this.#random.integer(300);
    await this.store.update(dictId, [{ key: Buffer.from(key), value: Buffer.alloc(bytes) }]);
    this.model.set(key, { bytes, endMs: this.nowMs + ttlMs });
  }

  async #remove(keys: readonly string[]): Promise<void> {
    await this.store.removeMany(
      dictId,
      keys.map((key) => Buffer.from(key)),
    );
    // What has ended stays until it is swept.
    for (const key of keys) if ((this.model.get(key)?.endMs ?? 0) > this.nowMs) this.model.delete(key);
  }

  async #sweep(): Promise<void> {
    while ((await this.store.sweep(1000)).more);
    for (const [key, { endMs }] of this.model) if (endMs <= this.nowMs) this.model.delete(key);
  }
}

test("entries and bytes are exact through writes, removals, sweeps, clears, compaction and restarts", async () => {
  let directory = temporaryDirectory();
  const counted = new Counted();
  await counted.open(directory);
  await counted.store.createEnvironment("en-test", "main");
  const expiry = { policy: "afterWrite", ttlMs } as const;
  const request = { id: dictId, environmentId: "en-test", name: "test", createdBy: "", expiry, data: [] };
  await counted.store.createDict(request);
  for (let step = 1; step <= 4000; step++) {
    await counted.step();
    counted.expectRight();
    if (step % 500 !== 0) continue;
    const isKilled = step % 1000 === 0;
    if (isKilled) directory = asKilled(directory);
    await counted.store.close();
    await counted.open(directory);
    counted.expectRight();
  }
  expect(isMostlyCompacted(directory)).toBe(true);
});

test("another expiry and durability are there after a kill, and entries end as the policy was when they were written", async () => {
  const directory = temporaryDirectory();
  const counted = new Counted();
  await counted.open(directory);
  await counted.store.createEnvironment("en-test", "main");
  const policy = "afterWrite";
  const request = { id: dictId, environmentId: "en-test", name: "test", createdBy: "", data: [] };
  await counted.store.createDict({ ...request, expiry: { policy, ttlMs: 100 * ttlMs } });
  const put = (key: string) =>
    counted.store.update(dictId, [{ key: Buffer.from(key), value: Buffer.from("1") }]);
  await put("long");
  const short = { expiry: { policy, ttlMs }, durability: "everysec" } as const;
  expect(await counted.store.configureDict(dictId, short)).toMatchObject(short);
  await put("short");
  await counted.open(asKilled(directory));
  expect(counted.store.getDict(dictId)).toMatchObject({ name: "test", ...short });
  const has = (key: string) => counted.store.contains(dictId, Buffer.from(key));
  counted.nowMs += ttlMs - 1;
  expect([has("long"), has("short")]).toEqual([true, true]);
  counted.nowMs += 1;
  expect([has("long"), has("short"), counted.store.len(dictId)]).toEqual([true, false, 2]);
  // The older entry ends later, and keeps nobody from being swept.
  expect((await counted.store.sweep(10)).removed).toBe(1);
  expect(counted.store.len(dictId)).toBe(1);
  await put("short again");
  counted.nowMs += ttlMs;
  expect((await counted.store.sweep(10)).removed).toBe(1);
  counted.nowMs += 99 * ttlMs;
  expect((await counted.store.sweep(10)).removed).toBe(1);
});
