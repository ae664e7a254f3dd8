import { type DictService, defaultLimits } from "@everdict/protocol";
import { createMemoryStore, type Store } from "@everdict/store";
import { describe, expect, test, vi } from "vitest";
import { type Engine, type EngineOptions, openEngine } from "./engine.ts";
import { sampleArguments } from "./suite/sample-arguments.ts";

const caller = { id: "caller-1", name: "Ada" };
const bytes = (text: string) => new TextEncoder().encode(text);

async function open(options: Partial<EngineOptions> = {}): Promise<Engine> {
  return openEngine({ store: createMemoryStore(), sweepIntervalMs: 0, ...options });
}

/** Every call of a service. */
function everyCall(service: DictService, dictId: string): Record<string, () => Promise<unknown>> {
  const entries = [{ key: bytes("a"), value: bytes("1") }];
  const contents = service.contents(dictId, { keys: true, values: true });
  return {
    lookup: () => service.getOrCreateDict({ mode: "lookup", environment: "", name: "jobs" }),
    ephemeral: () => service.getOrCreateDict({ mode: "ephemeral", environment: "" }),
    getDictById: () => service.getDictById(dictId),
    listDicts: () => service.listDicts({ environment: "", maxObjects: 0 }),
    heartbeat: () => service.heartbeat(dictId),
    get: () => service.get(dictId, bytes("a")),
    contains: () => service.contains(dictId, bytes("a")),
    len: () => service.len(dictId),
    update: () => service.update(dictId, entries),
    conditionalPut: () => service.putIfAbsent(dictId, bytes("a"), bytes("1")),
    pop: () => service.pop(dictId, bytes("a")),
    clear: () => service.clear(dictId),
    contents: () => contents[Symbol.asyncIterator]().next(),
    listEnvironments: () => service.listEnvironments(),
    getOrCreateEnvironment: () => service.getOrCreateEnvironment("", "lookup"),
    updateEnvironment: () => service.updateEnvironment({ currentName: "", webSuffix: "s" }),
    deleteEnvironment: () => service.deleteEnvironment("dev"),
    deleteDict: () => service.deleteDict(dictId),
  };
}

async function openWithDict() {
  const engine = await open();
  const service = engine.serviceFor(caller);
  await service.getOrCreateEnvironment("dev", "createIfMissing");
  const request = { mode: "createIfMissing", environment: "", name: "jobs" } as const;
  const { dictId, createdBy } = await service.getOrCreateDict(request);
  return { engine, service, dictId, createdBy };
}

describe("an open engine", () => {
  test("signs what is created with the caller's name", async () => {
    expect((await openWithDict()).createdBy).toBe("Ada");
  });

  test("answers reads at once to callers that ask for that; failures are rejections all the same", async () => {
    const { engine, dictId } = await openWithDict();
    const prompt = engine.promptServiceFor(caller);
    await prompt.update(dictId, [{ key: bytes("a"), value: bytes("1") }]);
    expect(prompt.get(dictId, bytes("a"))).toEqual(bytes("1"));
    expect(prompt.contains(dictId, bytes("b"))).toBe(false);
    expect(prompt.len(dictId)).toBe(1);
    expect(prompt.get(dictId, bytes("a"), { timeoutMs: 50 })).toEqual(bytes("1"));
    await expect(prompt.len("di-0")).rejects.toMatchObject({ code: "dict_not_found" });
    await expect(prompt.len(dictId, { timeoutMs: 0 })).rejects.toMatchObject({ code: "deadline_exceeded" });
  });

  test("holds a conditional put to the limit of a request, too", async () => {
    const engine = await open({ limits: { requestMaxBytes: 1000 } });
    const service = engine.serviceFor(caller);
    const { dictId } = await service.getOrCreateDict({ mode: "ephemeral", environment: "" });
    const put = service.putIfAbsent(dictId, bytes("a"), new Uint8Array(5000));
    await expect(put).rejects.toMatchObject({ code: "request_too_large" });
    expect(await service.len(dictId)).toBe(0);
    await engine.close();
  });

  test("tells the limits in force", async () => {
    expect((await open()).limits).toEqual(defaultLimits);
    expect((await open({ limits: { keyMaxBytes: 5 } })).limits.keyMaxBytes).toBe(5);
  });

  test("sweeps in the background and counts it", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    try {
      const engine = await open({
        sweepIntervalMs: 500,
        defaultExpiry: { policy: "afterWrite", ttlMs: 700 },
      });
      const service = engine.serviceFor(caller);
      const data = [{ key: bytes("a"), value: bytes("1") }];
      const request = { mode: "createIfMissing", environment: "", name: "jobs", data } as const;
      const { dictId } = await service.getOrCreateDict(request);
      await vi.advanceTimersByTimeAsync(999);
      expect(await service.len(dictId)).toBe(1);
      await vi.advanceTimersByTimeAsync(1);
      expect(await service.len(dictId)).toBe(0);
      expect(engine.stats()).toEqual({ sweep: { passes: 2, removed: 1, failures: 0 } });
      await engine.close();
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  test("every call given up before it began is cancelled", async () => {
    const { service, dictId } = await openWithDict();
    const options = { signal: AbortSignal.abort() };
    const before = await service.listEnvironments();
    for (const [name, call] of Object.entries(everyCall(withOptions(service, options), dictId))) {
      await expect(call(), name).rejects.toMatchObject({ code: "cancelled" });
    }
    expect(await service.listEnvironments()).toEqual(before);
    expect(await service.len(dictId)).toBe(0);
  });

  test("every call works with a signal and time to spare", async () => {
    const { service, dictId } = await openWithDict();
    const options = { signal: new AbortController().signal, timeoutMs: 60_000 };
    for (const call of Object.values(everyCall(withOptions(service, options), dictId))) await call();
    await expect(service.len(dictId)).rejects.toMatchObject({ code: "dict_not_found" });
  });

  test("what has not the form of an id never reaches the store", async () => {
    const store = createMemoryStore();
    const service = (await open({ store })).serviceFor(caller);
    const reached = vi.spyOn(store, "get");
    for (const id of ["di-{slot}:0123456789abcdef", `di-${"x".repeat(21)}}`, "*", ""]) {
      await expect(service.get(id, bytes("a"))).rejects.toMatchObject({ code: "dict_not_found" });
    }
    expect(reached).not.toHaveBeenCalled();
    await expect(service.get(`di-${"x".repeat(22)}`, bytes("a"))).rejects.toMatchObject({
      code: "dict_not_found",
    });
    expect(reached).toHaveBeenCalledOnce();
    expect(reached).toHaveBeenCalledOnce();
  });

  test("an unknown creation mode is refused instead of taken for another", async () => {
    const { service } = await openWithDict();
    const request = { mode: "overwrite" as "lookup", environment: "", name: "other" };
    await expect(service.getOrCreateDict(request)).rejects.toMatchObject({ code: "invalid_argument" });
    expect((await service.listDicts({ environment: "", maxObjects: 0 })).length).toBe(1);
  });

  test("an environment deleted while a dictionary is created in it is named as the caller knows it", async () => {
    const store: Store = createMemoryStore();
    const service = (await open({ store })).serviceFor(caller);
    await service.getOrCreateEnvironment("dev", "createIfMissing");
    const find = store.findDict.bind(store);
    store.findDict = async (environmentId, name) => {
      await store.deleteEnvironment(environmentId);
      return find(environmentId, name);
    };
    const request = { mode: "createIfMissing", environment: "dev", name: "jobs" } as const;
    await expect(service.getOrCreateDict(request)).rejects.toMatchObject({
      code: "environment_not_found",
      message: "Environment 'dev' not found",
    });
  });
});

describe("a closed engine", () => {
  test("refuses every call with store_closed, those on its old services too", async () => {
    const { engine, service, dictId } = await openWithDict();
    const calls = everyCall(service, dictId);
    await engine.close();
    for (const [name, call] of Object.entries(calls)) {
      await expect(call(), name).rejects.toMatchObject({ code: "store_closed" });
    }
    await expect(engine.sweep()).rejects.toMatchObject({ code: "store_closed" });
    const later = engine.serviceFor(caller);
    await expect(later.listEnvironments()).rejects.toMatchObject({ code: "store_closed" });
  });

  test("has closed its store, once", async () => {
    const store = createMemoryStore();
    const close = vi.spyOn(store, "close");
    const engine = await open({ store });
    await Promise.all([engine.close(), engine.close()]);
    await engine.close();
    expect(close).toHaveBeenCalledOnce();
  });

  test("has finished the calls of several steps that it accepted", async () => {
    const store = createMemoryStore();
    const engine = await open({ store });
    const request = { mode: "createFailIfExists", environment: "", name: "jobs" } as const;
    const created = engine.serviceFor(caller).getOrCreateDict(request);
    await engine.close();
    expect((await created).name).toBe("jobs");
  });
});

describe("opening an engine", () => {
  test.each<[string, Partial<EngineOptions>, string]>([
    ["a limit", { limits: { valueMaxBytes: 0 } }, "invalid_argument"],
    ["a default policy", { defaultExpiry: { policy: "afterUse", ttlMs: -1 } }, "invalid_argument"],
    ["a grace", { ephemeralGraceMs: 0 }, "invalid_argument"],
    ["a sweep interval", { sweepIntervalMs: Number.NaN }, "invalid_argument"],
    ["a default environment", { defaultEnvironment: "-" }, "invalid_name"],
  ])("with %s out of range fails and closes the store", async (_, options, code) => {
    const store = createMemoryStore();
    const close = vi.spyOn(store, "close");
    await expect(open({ store, ...options })).rejects.toMatchObject({ code });
    expect(close).toHaveBeenCalledOnce();
  });
});

/** The same service with options on every call. */
function withOptions(service: DictService, options: object): DictService {
  return new Proxy(service, {
    get(target, property: keyof DictService) {
      const method = target[property] as (...given: unknown[]) => unknown;
      return (...given: unknown[]) => {
        const expected = sampleArguments(property, { dictId: "", environment: "", name: "" });
        const padded = expected.map((_, index) => given[index]);
        return method.call(target, ...padded, options);
      };
    },
  });
}
