import type { Engine } from "@everdict/engine";
import { serviceSuite } from "@everdict/engine/suite";
import type { DictService } from "@everdict/protocol";
import { type TemporaryDirectory, temporaryDirectory } from "@everdict/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openLogEngine } from "./log.ts";

serviceSuite({
  describe,
  test,
  name: "embedded, log",
  async open(options) {
    let nowMs = Date.UTC(2026, 0, 1);
    const directory = temporaryDirectory();
    const clock = () => nowMs;
    const engine = await openLogEngine({ ...options, directory: directory.path, clock, sweepIntervalMs: 0 });
    return {
      service: engine.serviceFor({ id: "one", name: "One" }),
      otherCaller: engine.serviceFor({ id: "two", name: "Two" }),
      advance: (ms) => {
        nowMs += ms;
      },
      sweep: () => engine.sweep(),
      async destroy() {
        await engine.close();
        directory[Symbol.dispose]();
      },
    };
  },
});

describe("an engine opened again on its directory", () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const text = (found: Uint8Array | undefined) =>
    found === undefined ? undefined : new TextDecoder().decode(found);
  const key = { idempotencyKey: "attempt-1" };
  let directory: TemporaryDirectory;
  let nowMs: number;
  let engine: Engine;
  let service: DictService;

  async function open(options = {}): Promise<void> {
    engine = await openLogEngine({
      directory: directory.path,
      clock: () => nowMs,
      sweepIntervalMs: 0,
      ...options,
    });
    service = engine.serviceFor({ id: "one", name: "One" });
  }

  async function reopen(options = {}): Promise<void> {
    await engine.close();
    await open(options);
  }

  async function put(dictId: string, ...pairs: readonly (readonly [string, string])[]): Promise<void> {
    const entries = pairs.map(([name, value]) => ({ key: bytes(name), value: bytes(value) }));
    await service.update(dictId, entries);
  }

  function create(name: string) {
    return service.getOrCreateDict({ mode: "createFailIfExists", environment: "", name }, key);
  }

  beforeEach(async () => {
    directory = temporaryDirectory();
    nowMs = Date.UTC(2026, 0, 1);
    await open();
  });

  afterEach(async () => {
    await engine.close();
    directory[Symbol.dispose]();
  });

  test("has its dictionaries and their entries", async () => {
    const jobs = await create("jobs");
    await put(jobs.dictId, ["a", "1"], ["b", "2"], ["c", "3"]);
    await put(jobs.dictId, ["a", "changed"]);
    await service.pop(jobs.dictId, bytes("b"));
    const cleared = await service.getOrCreateDict({
      mode: "createIfMissing",
      environment: "",
      name: "cleared",
    });
    await put(cleared.dictId, ["old", "1"]);
    await service.clear(cleared.dictId);
    const gone = await service.getOrCreateDict({ mode: "createIfMissing", environment: "", name: "gone" });
    await service.deleteDict(gone.dictId);
    await reopen();
    expect(await service.listDicts({ environment: "", maxObjects: 0 })).toEqual([cleared, jobs]);
    expect(await service.len(jobs.dictId)).toBe(2);
    expect(text(await service.get(jobs.dictId, bytes("a")))).toBe("changed");
    expect(await service.contains(jobs.dictId, bytes("b"))).toBe(false);
    expect(await service.len(cleared.dictId)).toBe(0);
    await expect(service.len(gone.dictId)).rejects.toMatchObject({ code: "dict_not_found" });
  });

  test("has its environments, and the renamed default is still the default", async () => {
    await service.updateEnvironment({ currentName: "", name: "production", webSuffix: "p" });
    await service.getOrCreateEnvironment("dev", "createFailIfExists");
    await service.getOrCreateEnvironment("gone", "createFailIfExists");
    await service.deleteEnvironment("gone");
    const before = await service.listEnvironments();
    await reopen({ defaultEnvironment: "other" });
    expect(await service.listEnvironments()).toEqual(before);
    expect(before.map(({ name, isDefault }) => [name, isDefault])).toEqual([
      ["dev", false],
      ["production", true],
    ]);
  });

  test("answers repeats of calls made before as they were answered then", async () => {
    const jobs = await create("jobs");
    await put(jobs.dictId, ["a", "1"]);
    expect(text(await service.pop(jobs.dictId, bytes("a"), key))).toBe("1");
    const lock = [bytes("lock"), bytes("mine")] as const;
    expect(await service.putIfAbsent(jobs.dictId, ...lock, key)).toBe(true);
    const request = { mode: "ephemeral", environment: "" } as const;
    const ephemeralKey = { idempotencyKey: "attempt-2" };
    const ephemeral = await service.getOrCreateDict(request, ephemeralKey);
    nowMs += 60_000;
    await reopen();
    expect(text(await service.pop(jobs.dictId, bytes("a"), key))).toBe("1");
    expect(await service.putIfAbsent(jobs.dictId, ...lock, key)).toBe(true);
    expect(await service.putIfAbsent(jobs.dictId, ...lock)).toBe(false);
    expect(await create("jobs")).toEqual(jobs);
    expect(await service.getOrCreateDict(request, ephemeralKey)).toEqual(ephemeral);
  });

  test("lets entries and ephemeral dictionaries end when they would have", async () => {
    const expiry = { policy: "afterWrite", ttlMs: 10_000 } as const;
    const request = { mode: "createIfMissing", environment: "", name: "short", expiry } as const;
    const { dictId } = await service.getOrCreateDict(request);
    await put(dictId, ["a", "1"]);
    const ephemeral = await service.getOrCreateDict({ mode: "ephemeral", environment: "" });
    nowMs += 9_999;
    await service.heartbeat(ephemeral.dictId);
    await reopen();
    expect(text(await service.get(dictId, bytes("a")))).toBe("1");
    nowMs += 1;
    expect(await service.contains(dictId, bytes("a"))).toBe(false);
    expect(await service.len(dictId)).toBe(1);
    await engine.sweep();
    expect(await service.len(dictId)).toBe(0);
    nowMs += 899_998;
    expect(await service.len(ephemeral.dictId)).toBe(0);
    nowMs += 1;
    await expect(service.len(ephemeral.dictId)).rejects.toMatchObject({ code: "dict_not_found" });
    await reopen();
    await expect(service.len(ephemeral.dictId)).rejects.toMatchObject({ code: "dict_not_found" });
  });

  test("gives creation times that go on increasing, whatever the clock says", async () => {
    const first = await create("first");
    nowMs -= 3_600_000;
    await reopen();
    const second = await service.getOrCreateDict({
      mode: "createIfMissing",
      environment: "",
      name: "second",
    });
    expect(second.createdAtSeconds).toBeGreaterThan(first.createdAtSeconds);
    expect(await service.listDicts({ environment: "", maxObjects: 0 })).toEqual([second, first]);
  });

  test("is refused while another one owns the directory, and leaves that one alone", async () => {
    await expect(openLogEngine({ directory: directory.path })).rejects.toMatchObject({
      code: "store_locked",
    });
    expect((await create("jobs")).name).toBe("jobs");
  });

  test("an engine that could not be opened gives its directory free", async () => {
    await engine.close();
    await expect(openLogEngine({ directory: directory.path, ephemeralGraceMs: -1 })).rejects.toMatchObject({
      code: "invalid_argument",
    });
    await open();
    expect((await create("jobs")).name).toBe("jobs");
  });
});
