// When calls are answered, and what others see until then, by the durability of the dictionary.
import type { Durability, Store } from "@everdict/store";
import { waitUntil } from "@everdict/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { turn } from "../testing/simulated-client.ts";
import { SlowFiles } from "../testing/slow-files.ts";
import { openWithDict, temporaryDirectory } from "../testing/small-store.ts";
import { openLogStore } from "./open-log-store.ts";

const key = Buffer.from("k");

async function createDict(store: Store, durability: Durability): Promise<string> {
  const id = `di-${durability}`;
  const expiry = { policy: "never" } as const;
  const request = { id, environmentId: "en-test", name: durability, createdBy: "", expiry, durability };
  await store.createDict({ ...request, data: [] });
  return id;
}

async function opened() {
  const slow = new SlowFiles();
  const directory = temporaryDirectory();
  const store = await openWithDict(directory, { files: slow.files });
  const dicts = {
    sync: await createDict(store, "sync"),
    everysec: await createDict(store, "everysec"),
    memory: await createDict(store, "memory"),
  };
  onTestFinished(() => slow.release());
  return { slow, directory, store, dicts };
}

function put(store: Store, dictId: string, value: string): Promise<void> {
  return store.update(dictId, [{ key, value: Buffer.from(value) }]);
}

async function text(store: Store, dictId: string): Promise<string | undefined> {
  const value = await store.get(dictId, key);
  return value && Buffer.from(value).toString();
}

describe("sync", () => {
  test("answers, and shows anything to anybody, only when it is flushed", async () => {
    const { slow, store, dicts } = await opened();
    slow.hold();
    let isAnswered = false;
    const written = put(store, dicts.sync, "1").then(() => {
      isAnswered = true;
    });
    // What rests on it waits too.
    const lost = store.putIfAbsent(dicts.sync, key, Buffer.from("2"));
    const before = slow.begun;
    await waitUntil("the flush began", () => slow.begun > before);
    expect([await text(store, dicts.sync), await store.len(dicts.sync), isAnswered]).toEqual([
      undefined,
      0,
      false,
    ]);
    slow.release();
    await written;
    expect([await lost, await text(store, dicts.sync)]).toEqual([false, "1"]);
  });
});

describe.each(["everysec", "memory"] as const)("%s", (durability) => {
  test("answers before the flush, and from then on shows what was written to everybody", async () => {
    const { slow, store, dicts } = await opened();
    slow.hold();
    const dict = dicts[durability];
    const early = put(store, dict, "1");
    // One's own call in the same turn is decided on it, but does not see it.
    expect(await text(store, dict)).toBeUndefined();
    await early;
    expect(await text(store, dict)).toBe("1");
    expect(await store.putIfAbsent(dict, key, Buffer.from("2"))).toBe(false);
    expect(Buffer.from((await store.pop(dict, key, { idempotencyKey: "t" }))!).toString()).toBe("1");
    expect(Buffer.from((await store.pop(dict, key, { idempotencyKey: "t" }))!).toString()).toBe("1");
    await put(store, dict, "3");
    await store.clear(dict);
    expect([await text(store, dict), await store.len(dict)]).toEqual([undefined, 0]);
    await put(store, dict, "4");
    expect(await text(store, dict)).toBe("4");
  });

  test("does not wait for the flushes of others", async () => {
    const { slow, store, dicts } = await opened();
    // Known to be in use, so that a group that has its calls does not wait.
    await put(store, dicts[durability], "0");
    slow.hold();
    const before = slow.begun;
    const slowPut = put(store, dicts.sync, "1");
    await waitUntil("the flush began", () => slow.begun > before);
    await put(store, dicts[durability], "2");
    await put(store, dicts[durability], "3");
    expect([await text(store, dicts[durability]), await text(store, dicts.sync)]).toEqual(["3", undefined]);
    slow.release();
    await slowPut;
    expect(await text(store, dicts.sync)).toBe("1");
  });

  test("is flushed by a close, in the order of its calls", async () => {
    const { directory, store, dicts } = await opened();
    for (let count = 0; count < 50; count++) await put(store, dicts[durability], String(count));
    await store.close();
    const again = await openLogStore({ directory });
    onTestFinished(() => again.close());
    expect(await text(again, dicts[durability])).toBe("49");
    expect((await again.getDict(dicts[durability]))?.durability).toBe(durability);
  });

  test("a flush that fails later closes the store, and says what may be lost", async () => {
    const { slow, store, dicts } = await opened();
    await put(store, dicts[durability], "1");
    slow.release(new Error("the disk is gone"));
    await expect(put(store, dicts.sync, "1")).rejects.toMatchObject({
      code: "store_closed",
      message: expect.stringContaining("the disk is gone"),
    });
    await expect(put(store, dicts[durability], "2")).rejects.toMatchObject({ code: "store_closed" });
    await expect(store.close()).rejects.toMatchObject({
      message: expect.stringContaining("the disk is gone"),
    });
  });

  test("a close whose flush fails says what may be lost, each time, and lets go of the directory", async () => {
    const { slow, directory, store, dicts } = await opened();
    await put(store, dicts[durability], "1");
    slow.release(new Error("the disk is gone"));
    for (const attempt of [1, 2]) {
      const message = expect.stringMatching(`the disk is gone.*nor the latest ones in dictionaries that are`);
      await expect(store.close(), `close ${attempt}`).rejects.toMatchObject({
        code: "store_closed",
        message,
      });
    }
    const again = await openLogStore({ directory });
    await again.close();
  });
});

test("everysec is flushed within about a second, memory when somebody else needs it", async () => {
  const { slow, store, dicts } = await opened();
  await put(store, dicts.memory, "1");
  const before = slow.begun;
  await put(store, dicts.everysec, "1");
  expect(slow.begun).toBe(before);
  await waitUntil("it is flushed", () => slow.begun === before + 1, { timeoutMs: 10_000 });
});

test("everysec acknowledges nothing more when its flush takes longer than two seconds", async () => {
  const { slow, store, dicts } = await opened();
  slow.hold();
  const before = slow.begun;
  await put(store, dicts.everysec, "0");
  await waitUntil("the flush began", () => slow.begun > before, { timeoutMs: 10_000 });
  let asked = 0;
  let answered = 0;
  let sinceMs = performance.now();
  const ask = async (): Promise<void> => {
    await put(store, dicts.everysec, String(asked++));
    answered = asked;
    sinceMs = performance.now();
  };
  let last: Promise<void> = Promise.resolve();
  const isHeld = (): boolean => {
    if (answered === asked) last = ask();
    return answered > 0 && performance.now() - sinceMs > 1000;
  };
  await waitUntil("no more is answered", isHeld, { timeoutMs: 20_000 });
  expect(answered).toBe(asked - 1);
  slow.release();
  await last;
  expect(await text(store, dicts.everysec)).toBe(String(asked - 1));
});

test("writes that wait for a flush do not take effect behind later ones, when the dictionary need not wait any more", async () => {
  const { slow, store, dicts } = await opened();
  slow.hold();
  const before = slow.begun;
  const configured = store.configureDict(dicts.sync, { durability: "memory" });
  await waitUntil("the flush began", () => slow.begun > before);
  const early = put(store, dicts.sync, "1");
  // With a call that need not wait in front of it, a group is written during a flush.
  const other = put(store, dicts.memory, "1");
  const late = configured.then(() => {
    slow.hold();
    return put(store, dicts.sync, "2");
  });
  slow.release();
  await waitUntil("the flush of the early one began", () => slow.begun > before + 1);
  // Here the late one would take effect.
  for (let count = 0; count < 100; count++) await turn();
  slow.release();
  await Promise.all([early, other, late]);
  expect(await text(store, dicts.sync)).toBe("2");
});
