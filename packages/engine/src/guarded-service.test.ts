import {
  type Access,
  type DictService,
  EverdictError,
  type MethodRule,
  methodTable,
  type Role,
  roleMay,
} from "@everdict/protocol";
import { createMemoryStore, type Store } from "@everdict/store";
import { turns } from "@everdict/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import { type Engine, openEngine } from "./engine.ts";
import { sampleArguments } from "./suite/sample-arguments.ts";

type MethodName = keyof DictService;
type Place = { readonly dictId: string; readonly environment: string; readonly name: string };

const methods = Object.entries(methodTable) as [MethodName, MethodRule][];
const onDicts = methods.filter(([, { names }]) => names === "dict").map(([name]) => name);
const key = Uint8Array.of(1);
const largeKey = new Uint8Array(300_000);

let nowMs = Date.UTC(2026, 0, 1);
let store: Store;
let engine: Engine;
let shown: Place;
let hidden: Place;
let dictsLookedUp = 0;

beforeEach(async () => {
  store = createMemoryStore({ clock: () => nowMs });
  const { getDict } = store;
  dictsLookedUp = 0;
  store.getDict = (dictId) => {
    dictsLookedUp++;
    return getDict.call(store, dictId);
  };
  engine = await openEngine({ store, clock: () => nowMs, sweepIntervalMs: 0 });
  shown = await place("shown");
  hidden = await place("hidden");
  return () => engine.close();
});

async function place(environment: string): Promise<Place> {
  const admin = serviceOf({ role: "admin" });
  await admin.getOrCreateEnvironment(environment, "createIfMissing");
  const { dictId } = await admin.getOrCreateDict({ environment, name: "jobs", mode: "createIfMissing" });
  await admin.update(dictId, [{ key, value: key }]);
  return { dictId, environment, name: "jobs" };
}

const missing: Place = { dictId: "di-1234567890123456789012", environment: "missing", name: "jobs" };

function serviceOf(
  access: Access | undefined,
  kind: "serviceFor" | "promptServiceFor" = "serviceFor",
): DictService {
  return engine[kind]({ id: "ak-1", name: "ada", access }) as DictService;
}

/** Calls a method, and reads a stream to its end. */
async function call(service: DictService, name: MethodName, args: unknown[]): Promise<unknown> {
  const answer = (service[name] as (...args: unknown[]) => unknown)(...args);
  if (name !== "contents") return answer;
  const entries = [];
  for await (const batch of answer as AsyncIterable<unknown[]>) entries.push(...batch);
  return entries;
}

/** What a caller can tell an answer by. */
async function outcome(service: DictService, name: MethodName, args: unknown[]): Promise<unknown> {
  try {
    return await call(service, name, args);
  } catch (caught) {
    if (!(caught instanceof EverdictError)) throw caught;
    return { code: caught.code, message: caught.message };
  }
}

describe.each(["serviceFor", "promptServiceFor"] as const)("%s", (kind) => {
  test.each(["admin", "read-write", "read-only"] as const)("%s may do what the table says", async (role) => {
    const service = serviceOf({ role }, kind);
    for (const [name, { needs }] of methods) {
      const got = await outcome(service, name, sampleArguments(name, await place("shown"), key));
      const isDenied = (got as { code?: string } | undefined)?.code === "permission_denied";
      expect([name, isDenied]).toEqual([name, !roleMay(role, needs)]);
      if (name === "deleteEnvironment") await place("hidden");
    }
  });

  test("what is refused changed nothing, and the same is said for what does not exist", async () => {
    const service = serviceOf({ role: "read-only" }, kind);
    for (const [name, { needs }] of methods) {
      if (needs === "read") continue;
      const refused = await outcome(service, name, sampleArguments(name, shown, key));
      expect([name, refused]).toMatchObject([name, { code: "permission_denied" }]);
      expect(await outcome(service, name, sampleArguments(name, missing, key))).toEqual(refused);
    }
    expect(await serviceOf(undefined).len(shown.dictId)).toBe(1);
    expect(await serviceOf(undefined).listEnvironments()).toHaveLength(3);
  });

  test("a token that may not create still finds", async () => {
    const service = serviceOf({ role: "read-only" }, kind);
    const { environment, name, dictId } = shown;
    expect(await service.getOrCreateDict({ environment, name, mode: "lookup" })).toMatchObject({ dictId });
    expect(await service.getOrCreateEnvironment("shown", "lookup")).toMatchObject({ name: "shown" });
  });
});

describe.each(["read-write", "read-only"] as const)("limited to an environment, %s", (role: Role) => {
  const access: Access = { role, environments: ["shown"] };

  test.each(["serviceFor", "promptServiceFor"] as const)(
    "a dictionary elsewhere does not exist (%s)",
    async (kind) => {
      const service = serviceOf(access, kind);
      const words = (got: unknown): unknown => JSON.parse(JSON.stringify(got).replaceAll(/di-\w+/g, "ID"));
      for (const name of onDicts) {
        for (const withKey of [key, largeKey]) {
          const got = await outcome(service, name, sampleArguments(name, hidden, withKey));
          const gotForMissing = await outcome(service, name, sampleArguments(name, missing, withKey));
          expect([name, words(got)]).toEqual([name, words(gotForMissing)]);
          expect(JSON.stringify(got)).not.toContain("di-0000");
          const wanted = roleMay(role, methodTable[name].needs) ? /not found|too_large/ : /permission_denied/;
          expect(JSON.stringify(got)).toMatch(wanted);
        }
      }
      expect(await serviceOf(undefined).len(hidden.dictId)).toBe(1);
      expect(await service.len(shown.dictId)).toBe(1);
    },
  );

  test("an environment elsewhere does not exist, and is not listed", async () => {
    const service = serviceOf(access);
    const badName = "no good name";
    const lookups: ((environment: string) => Promise<unknown>)[] = [
      (environment) => service.listDicts({ environment, maxObjects: 0 }),
      (environment) => service.getOrCreateDict({ environment, name: "jobs", mode: "lookup" }),
      (environment) => service.getOrCreateDict({ environment, name: badName, mode: "lookup" }),
      (environment) => service.getOrCreateDict({ environment, name: "jobs", mode: "createIfMissing" }),
      (environment) => service.getOrCreateEnvironment(environment, "lookup"),
    ];
    for (const lookup of lookups) {
      const [got, forMissing] = await Promise.all(
        ["hidden", "missing"].map((environment) =>
          lookup(environment).catch(({ code, message }) => ({
            code,
            message: message.replaceAll(environment, "E"),
          })),
        ),
      );
      expect(got).toEqual(forMissing);
      expect(got).toHaveProperty("code");
    }
    expect((await service.listEnvironments()).map(({ name }) => name)).toEqual(["shown"]);
    expect(await service.listDicts({ environment: "shown", maxObjects: 0 })).toHaveLength(1);
  });

  test("the default environment is refused by name of the rule, whatever is looked for in it", async () => {
    const service = serviceOf(access);
    for (const name of ["jobs", "none"]) {
      await expect(service.getOrCreateDict({ environment: "", name, mode: "lookup" })).rejects.toMatchObject({
        code: "permission_denied",
      });
    }
  });

  test("follows an environment's name within a second", async () => {
    const service = serviceOf(access);
    expect(await service.len(shown.dictId)).toBe(1);
    await serviceOf(undefined).updateEnvironment({ currentName: "shown", name: "other" });
    nowMs += 1000;
    await expect(service.len(shown.dictId)).rejects.toMatchObject({ code: "dict_not_found" });
    await serviceOf(undefined).updateEnvironment({ currentName: "other", name: "shown" });
    nowMs += 1000;
    expect(await service.len(shown.dictId)).toBe(1);
  });

  test("looks up the environment of a dictionary once", async () => {
    const service = serviceOf(access);
    for (let call = 0; call < 100; call++) await service.get(shown.dictId, key);
    expect(dictsLookedUp).toBe(1);
  });
});

test("calls keep their order while the environment of a dictionary is looked up", async () => {
  const { getDict, listEnvironments } = store;
  let isFound: () => void = () => {};
  const found = new Promise<void>((resolve) => {
    isFound = resolve;
  });
  // The first lookup takes as long as twenty writes, the others a turn of the event loop.
  let lookups = 0;
  const later = async <T>(answer: T): Promise<Awaited<T>> => {
    await (lookups++ === 0 ? found : turns(1));
    return answer as Awaited<T>;
  };
  store.getDict = (dictId) => later(getDict.call(store, dictId));
  store.listEnvironments = () => later(listEnvironments.call(store));
  const { update } = store;
  const arrived: number[] = [];
  store.update = (dictId, entries, ...more) => {
    arrived.push(entries[0]!.value[0]!);
    return update.call(store, dictId, entries, ...more);
  };
  const service = serviceOf({ role: "read-write", environments: ["shown"] });
  const writes = [];
  for (let value = 1; value <= 30; value++) {
    writes.push(service.update(shown.dictId, [{ key, value: Uint8Array.of(value) }]));
    if (value === 20) isFound();
    await turns(1);
  }
  await Promise.all(writes);
  expect(arrived).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
  await expect(service.len(hidden.dictId)).rejects.toMatchObject({ code: "dict_not_found" });
});

test("an admin, and a caller that may write everywhere, gets the service's own methods for entries", () => {
  const { get, update, pop } = serviceOf(undefined);
  for (const role of ["admin", "read-write"] as const) {
    expect(serviceOf({ role })).toMatchObject({ get, update, pop });
  }
});
