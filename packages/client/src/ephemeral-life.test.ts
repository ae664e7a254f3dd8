import { openMemoryEngine } from "@everdict/embedded";
import { createError, type DictService, ephemeralGraceMs } from "@everdict/protocol";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Client, Dict } from "./index.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "Date"] }));
afterEach(() => void vi.useRealTimers());

const info = { dictId: "di-1", name: "", createdAtSeconds: 1, createdBy: "me" };

/** A service that counts beats and deletions; beats end as `beat` says. */
function fakeService(beat: () => Promise<void> = async () => {}) {
  const counts = { beats: 0, deleted: [] as string[] };
  const service = {
    getOrCreateDict: async () => info,
    heartbeat: () => {
      counts.beats += 1;
      return beat();
    },
    deleteDict: async (id: string) => {
      counts.deleted.push(id);
    },
  };
  return { counts, service, client: Client.fromService(service as unknown as DictService) };
}

describe("an ephemeral Dict", () => {
  test("beats at once and then every 300 seconds, until it is disposed of, which deletes it", async () => {
    const { counts, client } = fakeService();
    {
      await using dict = await Dict.ephemeral({ client });
      expect([dict.name, dict.objectId, counts.beats]).toEqual(["", "di-1", 1]);
      await vi.advanceTimersByTimeAsync(299_999);
      expect(counts.beats).toBe(1);
      await vi.advanceTimersByTimeAsync(1);
      expect(counts.beats).toBe(2);
      await vi.advanceTimersByTimeAsync(600_000);
      expect(counts).toEqual({ beats: 4, deleted: [] });
    }
    expect(counts.deleted).toEqual(["di-1"]);
    await vi.advanceTimersByTimeAsync(900_000);
    expect(counts.beats).toBe(4);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("disposing twice deletes once", async () => {
    const { counts, client } = fakeService();
    const dict = await Dict.ephemeral({ client });
    await dict[Symbol.asyncDispose]();
    await dict[Symbol.asyncDispose]();
    expect(counts.deleted).toEqual(["di-1"]);
  });

  test("a beat that fails is nobody's unhandled rejection, and the next one comes", async () => {
    const { counts, client } = fakeService(() => Promise.reject(createError("unavailable", "no server")));
    const unhandled = vi.fn();
    process.on("unhandledRejection", unhandled);
    const dict = await Dict.ephemeral({ client });
    await vi.advanceTimersByTimeAsync(300_000);
    await new Promise((resolve) => setImmediate(resolve));
    process.off("unhandledRejection", unhandled);
    expect([counts.beats, unhandled.mock.calls]).toEqual([2, []]);
    await dict[Symbol.asyncDispose]();
  });

  test("stops to beat once it is gone", async () => {
    const { counts, client } = fakeService(() => Promise.reject(createError("dict_not_found", "gone")));
    const dict = await Dict.ephemeral({ client });
    await vi.advanceTimersByTimeAsync(600_000);
    expect(counts.beats).toBe(1);
    await dict[Symbol.asyncDispose]();
    expect(counts.deleted).toEqual([]);
  });

  test("disposing does not fail if the server is gone", async () => {
    const { service } = fakeService();
    const failing = { ...service, deleteDict: () => Promise.reject(createError("unavailable", "no server")) };
    const dict = await Dict.ephemeral({ client: Client.fromService(failing as unknown as DictService) });
    await dict[Symbol.asyncDispose]();
  });

  test("disposing of a named Dict does nothing", async () => {
    const { counts, client } = fakeService();
    {
      await using dict = await Dict.fromName("named", { client }).hydrate();
      expect(dict.objectId).toBe("di-1");
    }
    expect(counts).toEqual({ beats: 0, deleted: [] });
  });

  test("its timer keeps no process alive", async () => {
    vi.useRealTimers();
    const hasRef = vi.fn();
    const real = globalThis.setInterval;
    vi.spyOn(globalThis, "setInterval").mockImplementation(((...args: Parameters<typeof real>) => {
      const timer = real(...args);
      queueMicrotask(() => hasRef(timer.hasRef()));
      return timer;
    }) as never);
    const dict = await Dict.ephemeral({ client: fakeService().client });
    expect(hasRef).toHaveBeenCalledWith(false);
    await dict[Symbol.asyncDispose]();
    vi.restoreAllMocks();
  });

  test("lives in the real engine as long as it beats", async () => {
    let nowMs = Date.now();
    const engine = await openMemoryEngine({ clock: () => nowMs, sweepIntervalMs: 0 });
    const client = Client.fromService(engine.serviceFor({ id: "a", name: "a" }));
    const dict = await Dict.ephemeral<string, number>({ client, data: { a: 1 } });
    expect(await dict.info()).toMatchObject({ name: "", createdBy: "a" });
    for (let beat = 0; beat < 10; beat += 1) {
      nowMs += 300_000;
      await vi.advanceTimersByTimeAsync(300_000);
    }
    expect(await dict.get("a")).toBe(1);
    nowMs += ephemeralGraceMs;
    await expect(dict.get("a")).rejects.toMatchObject({ code: "dict_not_found" });
    await engine.close();
  });
});
