import type { DictService } from "@everdict/protocol";
import { describe, expect, test } from "vitest";
import { type SharedEngine, SharedEngines } from "./shared-engines.ts";

/** Opens engines that only count. */
function setUp() {
  const log: string[] = [];
  const dead = new Set<number>();
  let opened = 0;
  let letClose: () => void = () => {};
  const closing = new Promise<void>((resolve) => {
    letClose = resolve;
  });
  const open = async (): Promise<SharedEngine> => {
    const number = ++opened;
    log.push(`open ${number}`);
    return {
      serviceFor: ({ name }) => ({ number, name }) as unknown as DictService,
      health: () => ({
        isFull: false,
        isOutOfDescriptors: false,
        readErrors: 0,
        hasClosedItself: dead.has(number),
      }),
      close: async () => {
        await closing;
        log.push(`close ${number}`);
      },
    };
  };
  return { engines: new SharedEngines(), open, log, letClose, dead };
}

describe("SharedEngines", () => {
  test("clients of one place share an engine, of another place not", async () => {
    const { engines, open, log } = setUp();
    const all = await Promise.all([
      engines.connect("file:/a", "me", open),
      engines.connect("file:/a", "me", open),
      engines.connect("file:/b", "me", open),
    ]);
    expect(log).toEqual(["open 1", "open 2"]);
    expect(all.map((each) => each.service)).toMatchObject([
      { number: 1 },
      { number: 1 },
      { number: 2, name: "me" },
    ]);
  });

  test("the last one out closes it, once, however often each lets go", async () => {
    const { engines, open, log, letClose } = setUp();
    letClose();
    const first = await engines.connect("a", "me", open);
    const second = await engines.connect("a", "me", open);
    await Promise.all([first.close(), first.close()]);
    expect(log).toEqual(["open 1"]);
    await second.close();
    expect(log).toEqual(["open 1", "close 1"]);
  });

  test("a place that is closing is opened anew only when it is closed", async () => {
    const { engines, open, log, letClose } = setUp();
    const first = await engines.connect("a", "me", open);
    const closing = first.close();
    const again = engines.connect("a", "me", open);
    await new Promise((resolve) => setImmediate(resolve));
    expect(log).toEqual(["open 1"]);
    letClose();
    expect(await again).toMatchObject({ service: { number: 2 } });
    await closing;
    expect(log).toEqual(["open 1", "close 1", "open 2"]);
  });

  test("an engine that has closed itself is replaced for the next client, also while others hold it", async () => {
    const { engines, open, log, letClose, dead } = setUp();
    letClose();
    const first = await engines.connect("a", "me", open);
    dead.add(1);
    const second = await engines.connect("a", "me", open);
    expect(second).toMatchObject({ service: { number: 2 } });
    expect(log).toEqual(["open 1", "close 1", "open 2"]);
    await first.close();
    expect(log).toEqual(["open 1", "close 1", "open 2"]);
    await second.close();
    expect(log).toEqual(["open 1", "close 1", "open 2", "close 2"]);
  });

  test("a close that takes long is waited for within the limit, and goes on", async () => {
    const { engines, open, log, letClose } = setUp();
    const only = await engines.connect("a", "me", open);
    await expect(only.close(20)).rejects.toMatchObject({ code: "deadline_exceeded" });
    expect(log).toEqual(["open 1"]);
    letClose();
    await only.close();
    expect(log).toEqual(["open 1", "close 1"]);
  });

  test("a failed opening is tried again by the next one", async () => {
    const { engines, open } = setUp();
    const failing = () => Promise.reject(new Error("locked"));
    const both = [engines.connect("a", "me", failing), engines.connect("a", "me", failing)];
    for (const each of both) await expect(each).rejects.toThrow("locked");
    expect(await engines.connect("a", "me", open)).toMatchObject({ service: { number: 1 } });
  });
});
