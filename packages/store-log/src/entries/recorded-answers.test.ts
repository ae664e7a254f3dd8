// Recorded answers under pressure, and over a restart; what repeats answer at all is in the stores' suite.
import { idempotencyGuaranteeMs } from "@everdict/protocol";
import type { Store } from "@everdict/store";
import { liveBuffersMiB } from "@everdict/testkit";
import { describe, expect, test, vi } from "vitest";
import { dictId, get, openWithDict, put, segmentBytes, temporaryDirectory } from "../testing/small-store.ts";

const key = Buffer.from("k");

async function popUnder(store: Store, idempotencyKey: string, value: string): Promise<string | undefined> {
  await put(store, "k", value);
  const popped = await store.pop(dictId, key, { idempotencyKey });
  return popped && Buffer.from(popped).toString();
}

const mib = 1024 * 1024;

function value(bytes: number, seed: number): Buffer {
  return Buffer.alloc(bytes, `value ${seed} `);
}

describe("popped values", () => {
  test("of 99 MiB are no reason to refuse a conditional put, however many there are", async () => {
    const store = await openWithDict(temporaryDirectory());
    for (let pop = 0; pop < 3; pop++) {
      await store.update(dictId, [{ key, value: value(99 * mib, pop) }]);
      expect((await store.pop(dictId, key, { idempotencyKey: `pop ${pop}` }))!.length).toBe(99 * mib);
    }
    let taken = 0;
    for (; taken < 100; taken++) {
      const lock = Buffer.from(`lock ${taken}`);
      expect(await store.putIfAbsent(dictId, lock, key, { idempotencyKey: `lock ${taken}` })).toBe(true);
    }
    expect(taken).toBe(100);
    // On disk they stay as long as they may be asked for.
    expect((await store.pop(dictId, key, { idempotencyKey: "pop 0" }))!.length).toBe(99 * mib);
  }, 60_000);

  test("stay on disk when compaction takes their segments, and take no memory", async () => {
    const directory = temporaryDirectory();
    const store = await openWithDict(directory, { segmentMaxBytes: 4 * mib, valueCacheMaxBytes: 0 });
    const keys = Array.from({ length: 96 }, (_, index) => Buffer.from(`key ${index}`));
    for (const [index, each] of keys.entries()) {
      await store.update(dictId, [{ key: each, value: value(mib / 2, index) }]);
    }
    const beforeMiB = await liveBuffersMiB();
    let grownMib = 0;
    for (const [index, each] of keys.entries()) {
      // One of four is kept for its answer: the segments are worth compacting for the rest of them.
      await store.pop(dictId, each, index % 4 === 0 ? { idempotencyKey: `pop ${index}` } : {});
    }
    await vi.waitFor(
      async () => {
        await store.sweep(1000);
        expect(segmentBytes(directory)).toBeLessThan(32 * mib);
        // Compaction may be under way with some.
        grownMib = (await liveBuffersMiB()) - beforeMiB;
        expect(grownMib).toBeLessThan(6);
      },
      { timeout: 30_000, interval: 50 },
    );
    console.log(`answers that hold 12 MiB on disk take ${grownMib.toFixed(1)} MiB of memory`);
    for (let index = 0; index < keys.length; index += 4) {
      const repeated = await store.pop(dictId, keys[index]!, { idempotencyKey: `pop ${index}` });
      expect(value(mib / 2, index).equals(repeated!)).toBe(true);
    }
    await store.close();
    const again = await openWithDict(directory, { segmentMaxBytes: 4 * mib });
    expect(await again.pop(dictId, keys[8]!, { idempotencyKey: "pop 8" })).toEqual(value(mib / 2, 8));
  }, 60_000);

  test("free their space when their answers have arrived", async () => {
    const directory = temporaryDirectory();
    const store = await openWithDict(directory, { segmentMaxBytes: mib });
    for (let round = 0; round < 64; round++) {
      await store.update(dictId, [{ key, value: value(mib / 2, round) }]);
      await store.pop(dictId, key, { idempotencyKey: `pop ${round}` });
    }
    expect(segmentBytes(directory)).toBeGreaterThan(30 * mib);
    store.forgetAnswers!(
      "pop",
      dictId,
      Array.from({ length: 64 }, (_, round) => `pop ${round}`),
    );
    await vi.waitFor(
      async () => {
        await store.sweep(1000);
        expect(segmentBytes(directory)).toBeLessThan(20 * mib);
      },
      { timeout: 30_000, interval: 20 },
    );
  }, 60_000);
});

describe("a full budget", () => {
  test("drops the oldest answers beyond the guaranteed time, and none before", async () => {
    const time = { nowMs: 1_000_000 };
    const options = { clock: () => time.nowMs, recordedAnswersMaxBytes: 4000 };
    const store = await openWithDict(temporaryDirectory(), options);
    let count = 0;
    for (let refused = false; !refused; ) {
      await popUnder(store, `t${count}`, `v${count}`).then(
        () => count++,
        (error) => {
          expect(error).toMatchObject({ code: "overloaded" });
          refused = true;
        },
      );
    }
    expect(count).toBeGreaterThan(5);
    time.nowMs += idempotencyGuaranteeMs - 1;
    await expect(popUnder(store, "new", "v")).rejects.toMatchObject({ code: "overloaded" });
    time.nowMs++;
    expect(await popUnder(store, "new", "v")).toBe("v");
    expect(await popUnder(store, "t1", "other")).toBe("v1");
    expect(await popUnder(store, "t0", "other")).toBe("other");
  });
});

describe("a restart", () => {
  test("brings back answers that were dropped early, as far as they fit", async () => {
    const time = { nowMs: 1_000_000 };
    const directory = temporaryDirectory();
    const options = { clock: () => time.nowMs, recordedAnswersMaxBytes: 4000 };
    const store = await openWithDict(directory, options);
    for (let round = 0; round < 200; round++) {
      expect(await popUnder(store, `t${round}`, `v${round}`)).toBe(`v${round}`);
      store.forgetAnswers!("pop", dictId, [`t${round}`]);
      time.nowMs += idempotencyGuaranteeMs / 4;
    }
    expect(await popUnder(store, "kept", "v")).toBe("v");
    await store.close();
    const again = await openWithDict(directory, options);
    // Of those that were forgotten some are there again, which is allowed; they are not in the way of new ones.
    expect(await popUnder(again, "kept", "w")).toBe("v");
    await put(again, "k", "w");
    for (let round = 0; round < 50; round++) {
      await popUnder(again, `u${round}`, "w");
      again.forgetAnswers!("pop", dictId, [`u${round}`]);
    }
    expect(await get(again, "k")).toBeUndefined();
  });

  test("keeps what is younger than the guaranteed time, however small the budget is by then", async () => {
    const time = { nowMs: 1_000_000 };
    const directory = temporaryDirectory();
    const store = await openWithDict(directory, { clock: () => time.nowMs });
    for (let round = 0; round < 60; round++) {
      await popUnder(store, `t${round}`, `v${round}`);
      time.nowMs += idempotencyGuaranteeMs / 40;
    }
    await store.close();
    const again = await openWithDict(directory, { clock: () => time.nowMs, recordedAnswersMaxBytes: 2000 });
    for (let round = 25; round < 60; round++) {
      expect(await again.pop(dictId, key, { idempotencyKey: `t${round}` })).toEqual(Buffer.from(`v${round}`));
    }
  });
});
