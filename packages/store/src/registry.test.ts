import { describe, expect, test } from "vitest";
import { type PlanDict, Registry } from "./registry.ts";
import type { DictRecord, EnvironmentRecord } from "./store.ts";

const startMs = 1_750_000_000_000;
const main: EnvironmentRecord = { id: "en-1", name: "main", webSuffix: "", createdAtSeconds: 1 };

function setUp() {
  const time = { nowMs: startMs };
  const registry = new Registry(() => time.nowMs);
  registry.putEnvironment(main);
  return { registry, time };
}

function request(id: string, name: string, expiresAtMs?: number): PlanDict {
  return { id, environmentId: "en-1", name, createdBy: "me", expiry: { policy: "never" }, expiresAtMs };
}

function create(registry: Registry, id: string, name: string, expiresAtMs?: number): DictRecord {
  const { dict, created } = registry.planDict(request(id, name, expiresAtMs));
  expect(created).toBe(true);
  registry.putDict(dict);
  return dict;
}

function code(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return "no error";
}

describe("Registry decisions", () => {
  test("change nothing", () => {
    const { registry } = setUp();
    const dict = create(registry, "di-1", "jobs");
    registry.planEnvironment("en-2", "dev");
    registry.planEnvironmentChange("en-1", { name: "prod" });
    registry.planEnvironmentRemoval("en-1");
    registry.planDict(request("di-2", "other"));
    expect(registry.listEnvironments()).toEqual([main]);
    expect(registry.listDicts({ environmentId: "en-1" })).toEqual([dict]);
  });

  test("an anonymous dictionary keeps its end, a named one has none", () => {
    const { registry } = setUp();
    expect(create(registry, "di-1", "", startMs + 5).expiresAtMs).toBe(startMs + 5);
    expect(create(registry, "di-2", "jobs", startMs + 5).expiresAtMs).toBeUndefined();
  });

  test("an extension is a record, or nothing if there is nothing to change", () => {
    const { registry, time } = setUp();
    const dict = create(registry, "di-1", "", startMs + 5);
    create(registry, "di-2", "jobs");
    expect(registry.planDictExtension("di-1", startMs + 9)).toEqual({ ...dict, expiresAtMs: startMs + 9 });
    expect(registry.planDictExtension("di-1", startMs + 5)).toBeUndefined();
    expect(registry.planDictExtension("di-2", startMs + 9)).toBeUndefined();
    time.nowMs = startMs + 5;
    expect(code(() => registry.planDictExtension("di-1", startMs + 9))).toBe("dict_not_found");
  });

  test("the removal of an environment names all its dictionaries, those past their end too", () => {
    const { registry, time } = setUp();
    const all = [create(registry, "di-1", "jobs"), create(registry, "di-2", "", startMs + 5)];
    time.nowMs = startMs + 5;
    expect(registry.planEnvironmentRemoval("en-1")).toEqual(all);
  });

  test("errors name what is missing or taken", () => {
    const { registry } = setUp();
    registry.putEnvironment({ ...main, id: "en-2", name: "dev" });
    expect(code(() => registry.planDict({ ...request("di-1", "jobs"), environmentId: "en-9" }))).toBe(
      "environment_not_found",
    );
    expect(code(() => registry.planEnvironmentChange("en-9", {}))).toBe("environment_not_found");
    expect(code(() => registry.planEnvironmentRemoval("en-9"))).toBe("environment_not_found");
    expect(code(() => registry.planEnvironmentChange("en-1", { name: "dev" }))).toBe("environment_exists");
    expect(code(() => registry.requireDict("di-9"))).toBe("dict_not_found");
  });
});

describe("Registry changes", () => {
  test("may come in any order of creation times, as a compacted log has them", () => {
    const { registry } = setUp();
    const dicts = [3, 1, 2].map((second) => ({
      ...request(`di-${second}`, `d${second}`),
      createdAtSeconds: second,
    }));
    for (const dict of dicts) registry.putDict(dict);
    expect(registry.listDicts({ environmentId: "en-1" }).map(({ name }) => name)).toEqual(["d3", "d2", "d1"]);
    expect(registry.newestDictAtSeconds("en-1")).toBe(3);
  });

  test("replayed on top of what they led to, lead to the same", () => {
    const { registry } = setUp();
    const dev: EnvironmentRecord = { ...main, id: "en-2", name: "dev" };
    const first = create(registry, "di-1", "jobs");
    const second = { ...first, id: "di-2", createdAtSeconds: first.createdAtSeconds + 1 };
    const changes: (() => void)[] = [
      () => registry.putDict(first),
      () => registry.putEnvironment(dev),
      () => registry.putEnvironment({ ...main, name: "aside" }),
      () => registry.putEnvironment({ ...dev, name: "main" }),
      () => registry.putEnvironment({ ...main, name: "dev" }),
      () => registry.removeDict("di-1"),
      () => registry.putDict(second),
      () => registry.removeDict("di-1"),
    ];
    for (let round = 0; round < 3; round++) {
      for (const change of changes) change();
      expect(registry.listEnvironments().map(({ id, name }) => [id, name])).toEqual([
        ["en-1", "dev"],
        ["en-2", "main"],
      ]);
      expect(registry.findEnvironment("main")?.id).toBe("en-2");
      expect(registry.findDict("en-1", "jobs")?.id).toBe("di-2");
      expect(registry.planEnvironmentRemoval("en-1")).toEqual([second]);
    }
  });

  test("of what is not there do nothing", () => {
    const { registry } = setUp();
    registry.removeDict("di-9");
    registry.removeEnvironment("en-9");
    expect(registry.listEnvironments()).toEqual([main]);
  });

  test("a removed environment takes its dictionaries along", () => {
    const { registry } = setUp();
    create(registry, "di-1", "jobs");
    create(registry, "di-2", "", startMs + 5);
    registry.removeEnvironment("en-1");
    expect([registry.getDict("di-1"), registry.getDict("di-2")]).toEqual([undefined, undefined]);
    expect(registry.dueDicts(10)).toEqual([]);
    expect(registry.findEnvironment("main")).toBeUndefined();
    expect(registry.newestDictAtSeconds("en-1")).toBeUndefined();
  });
});

describe("Registry creation times", () => {
  test("increase after the newest was removed, also when it was anonymous", () => {
    const { registry } = setUp();
    const named = create(registry, "di-1", "jobs");
    registry.removeDict("di-1");
    const anonymous = create(registry, "di-2", "", startMs + 5);
    registry.removeDict("di-2");
    const last = create(registry, "di-3", "jobs");
    expect(anonymous.createdAtSeconds).toBeGreaterThan(named.createdAtSeconds);
    expect(last.createdAtSeconds).toBeGreaterThan(anonymous.createdAtSeconds);
  });

  test("increase after a restore that carried the mark but not the dictionary", () => {
    const { registry } = setUp();
    const newestSeconds = startMs / 1000 + 60;
    registry.raiseNewestDictAt("en-1", newestSeconds);
    registry.raiseNewestDictAt("en-1", 5);
    expect(registry.newestDictAtSeconds("en-1")).toBe(newestSeconds);
    expect(create(registry, "di-1", "jobs").createdAtSeconds).toBe((startMs * 1000 + 60e6 + 1) / 1e6);
  });
});

describe("Registry.planDictChange()", () => {
  test("changes what is named, and nothing before it is put", () => {
    const { registry } = setUp();
    const before = create(registry, "di-1", "jobs");
    const expiry = { policy: "afterUse", ttlMs: 5 } as const;
    const after = registry.planDictChange("di-1", { expiry });
    expect(after).toEqual({ ...before, expiry });
    expect(registry.planDictChange("di-1", {})).toEqual(before);
    expect(registry.getDict("di-1")).toEqual(before);
    registry.putDict(after);
    expect(registry.listDicts({ environmentId: "en-1" })).toEqual([after]);
    expect(() => registry.planDictChange("di-2", {})).toThrow("not found");
  });
});

describe("Registry ends", () => {
  test("a dictionary past its end is absent at once and due until it is removed", () => {
    const { registry, time } = setUp();
    for (let index = 0; index < 10; index++) create(registry, `di-${index}`, "", startMs + index);
    time.nowMs = startMs + 3;
    expect(registry.getDict("di-3")).toBeUndefined();
    expect(registry.getDict("di-4")).toBeDefined();
    expect(
      registry
        .dueDicts(10)
        .map(({ id }) => id)
        .sort(),
    ).toEqual(["di-0", "di-1", "di-2", "di-3"]);
    expect(registry.dueDicts(2)).toHaveLength(2);
    for (const { id } of registry.dueDicts(10)) registry.removeDict(id);
    expect(registry.dueDicts(10)).toEqual([]);
    expect(registry.planEnvironmentRemoval("en-1")).toHaveLength(6);
  });
});
