// Answers to tokens under pressure, and over a restart; what repeats answer at all is in the stores' suite.
import { idempotencyGuaranteeMs } from "@everdict/protocol";
import type { Store } from "@everdict/store";
import { describe, expect, test } from "vitest";
import { dictId, get, openWithDict, put, temporaryDirectory } from "./testing/small-store.ts";

const key = Buffer.from("k");

async function popUnder(store: Store, token: string, value: string): Promise<string | undefined> {
  await put(store, "k", value);
  const popped = await store.pop(dictId, key, { token });
  return popped && Buffer.from(popped).toString();
}

describe("a full budget", () => {
  test("drops the oldest answers beyond the guaranteed time, and none before", async () => {
    const time = { nowMs: 1_000_000 };
    const options = { clock: () => time.nowMs, tokenBudgetBytes: 4000 };
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
    const options = { clock: () => time.nowMs, tokenBudgetBytes: 4000 };
    const store = await openWithDict(directory, options);
    for (let round = 0; round < 200; round++) {
      expect(await popUnder(store, `t${round}`, `v${round}`)).toBe(`v${round}`);
      store.forgetTokens!("pop", dictId, [`t${round}`]);
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
      again.forgetTokens!("pop", dictId, [`u${round}`]);
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
    const again = await openWithDict(directory, { clock: () => time.nowMs, tokenBudgetBytes: 2000 });
    for (let round = 25; round < 60; round++) {
      expect(await again.pop(dictId, key, { token: `t${round}` })).toEqual(Buffer.from(`v${round}`));
    }
  });
});
