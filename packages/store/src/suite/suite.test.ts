/**
 * Who tests the tests? Stores with one planted fault each, and the case of the suite that has to find it; and a
 * store that is persistent without a disk, on which the cases for persistent stores have to pass.
 */

import { describe, expect, test } from "vitest";
import { addToNumber } from "../add-to-number.ts";
import { createMemoryStore } from "../memory-store.ts";
import type { Store } from "../store.ts";
import {
  linearizabilitySuite,
  modelSuite,
  type OpenStoreOptions,
  type StoreUnderTest,
  type SuiteOptions,
  storeSuite,
} from "./index.ts";

const memory = {
  durability: "memory",
  persistent: false,
  atomicUpdate: true,
  commitsAnyKeys: true,
  durableAnswers: false,
} as const;
const persistent = { ...memory, persistent: true, durableAnswers: true };

type Case = readonly [title: string, run: () => Promise<void>];
type Fault = (store: Store, options: OpenStoreOptions) => Partial<Store>;

/** The cases that a suite registers, as a list. */
function casesOf(
  register: (options: SuiteOptions) => void,
  options: Omit<SuiteOptions, "describe" | "test">,
): Case[] {
  const cases: Case[] = [];
  const titles: string[] = [];
  register({
    ...options,
    describe: (title, body) => {
      titles.push(title);
      body();
      titles.pop();
    },
    test: (title, body) => cases.push([[...titles, title].join(" > "), body]),
  });
  return cases;
}

/** The same store with some calls replaced. */
function withFault(store: Store, fault: Partial<Store>): Store {
  return new Proxy(store, {
    get: (target, name) => {
      const found = Reflect.get(name in fault ? fault : target, name);
      return typeof found === "function" ? found.bind(target) : found;
    },
  });
}

/** A memory store behind doors: closing shuts a door, opening makes another, what is inside stays. */
function openBehindDoors(options: OpenStoreOptions): StoreUnderTest {
  const inside = withFault(createMemoryStore(options), { capabilities: persistent });
  const openDoor = () => {
    const shut = createMemoryStore();
    let open = true;
    const close = async () => {
      open = false;
      await shut.close();
    };
    return new Proxy(inside, {
      get: (target, name) => {
        if (name === "close") return close;
        const found = Reflect.get(target, name);
        if (typeof found !== "function") return found;
        return (...args: unknown[]) => (open ? found : Reflect.get(shut, name).bind(shut))(...args);
      },
    });
  };
  let door = openDoor();
  const reopen = async () => {
    await door.close();
    door = openDoor();
    return door;
  };
  return { store: door, reopen, crash: reopen, destroy: async () => await door.close() };
}

const faults: readonly { readonly fault: string; readonly plant: Fault; readonly foundBy: string }[] = [
  {
    fault: "a value is not copied",
    plant: (store) => ({
      update: async (dictId, entries) => {
        await Promise.resolve();
        await store.update(dictId, entries);
      },
    }),
    foundBy: "after update",
  },
  {
    fault: "putIfAbsent looks first and writes later",
    plant: (store) => ({
      putIfAbsent: async (dictId, key, value) => {
        if (await store.contains(dictId, key)) return false;
        await store.update(dictId, [{ key, value }]);
        return true;
      },
    }),
    foundBy: "of 64 putIfAbsent one wins",
  },
  {
    fault: "pop reads first and removes later",
    plant: (store) => ({
      pop: async (dictId, key) => {
        const value = await store.get(dictId, key);
        await store.pop(dictId, key);
        return value;
      },
    }),
    foundBy: "of 64 pops one has the value",
  },
  {
    fault: "idempotency keys are ignored",
    plant: (store) => ({ pop: (dictId, key) => store.pop(dictId, key) }),
    foundBy: "makes a repeated pop answer the value again",
  },
  {
    fault: "a commit takes every version for the right one",
    plant: takesEveryVersion,
    foundBy: "puts under a version, and refuses every other one",
  },
  {
    fault: "a commit makes its changes one by one",
    plant: (store) => ({
      commit: async (dictId, request, options) => {
        const checked = await store.commit(dictId, { ...request, changes: [] }, options);
        if (!checked.committed) return checked;
        const results = [];
        for (const change of request.changes) {
          const outcome = await store.commit(dictId, { conditions: [], changes: [change] });
          if (!outcome.committed) return outcome;
          results.push(...outcome.results);
        }
        return { committed: true, results };
      },
    }),
    foundBy: "before any addition",
  },
  {
    fault: "an update is visible in parts",
    plant: (store) => ({
      update: async (dictId, entries) => {
        for (let start = 0; start < entries.length; start += 500) {
          await store.update(dictId, entries.slice(start, start + 500));
          await new Promise(setImmediate);
        }
      },
    }),
    foundBy: "an update of many entries is visible all at once",
  },
  {
    fault: "len leaves expired entries out",
    plant: (store) => ({
      len: async (dictId) => {
        let length = 0;
        const parts = { keys: false, values: false };
        for await (const batch of store.contents(dictId, parts)) length += batch.length;
        return length;
      },
    }),
    foundBy: "is invisible to everything but len",
  },
  {
    fault: "bounds of pages are inclusive",
    plant: (store) => ({
      listDicts: ({ createdBeforeSeconds, ...request }) =>
        store.listDicts({
          ...request,
          ...(createdBeforeSeconds !== undefined && { createdBeforeSeconds: createdBeforeSeconds + 5e-7 }),
        }),
    }),
    foundBy: "bounds are exclusive",
  },
  {
    fault: "a sweep removes all that is due",
    plant: (store) => ({ sweep: () => store.sweep(1e9) }),
    foundBy: "removes at most so many at a time",
  },
  {
    fault: "a stream is a list taken beforehand",
    plant: (store) => ({
      contents: async function* (dictId, parts) {
        const batches = [];
        for await (const batch of store.contents(dictId, parts)) batches.push(batch);
        yield* batches;
      },
    }),
    foundBy: "shows nothing that was cleared",
  },
];

function faulty(plant: Fault): Omit<SuiteOptions, "describe" | "test"> {
  return {
    name: "faulty",
    capabilities: memory,
    open: async (options) => {
      const store = createMemoryStore(options);
      return { store: withFault(store, plant(store, options)), destroy: () => store.close() };
    },
  };
}

async function failures(cases: readonly Case[]): Promise<Error[]> {
  const found: Error[] = [];
  for (const [, run] of cases) await run().catch((error: Error) => found.push(error));
  return found;
}

describe("storeSuite()", () => {
  for (const { fault, plant, foundBy } of faults) {
    test(`finds that ${fault}`, async () => {
      const finders = casesOf(storeSuite, faulty(plant)).filter(([title]) => title.includes(foundBy));
      expect(finders.length).toBeGreaterThan(0);
      expect(await failures(finders)).not.toEqual([]);
    });
  }

  test("finds that a store is not what it claims to be", async () => {
    const options = { ...faulty(() => ({})), capabilities: persistent };
    const cases = casesOf(storeSuite, options);
    expect(await failures(cases.filter(([title]) => title.includes("says what it can do")))).toHaveLength(1);
    const reopening = cases.filter(([title]) =>
      title.includes("what was popped, cleared or deleted is not back"),
    );
    expect(await failures(reopening)).toHaveLength(1);
  });
});

/** What the first seed that notices says. */
async function firstDifference(plant: Fault): Promise<Error | undefined> {
  for (let seed = 1; seed <= 150; seed++) {
    const cases = casesOf((options) => modelSuite({ ...options, seed, runs: 1 }), faulty(plant));
    const [failure] = await failures(cases);
    if (failure !== undefined) return failure;
  }
  return undefined;
}

describe("modelSuite()", () => {
  const modelFaults: readonly (readonly [string, Fault])[] = [
    [
      "clear keeps an entry",
      (store) => ({ clear: (dictId) => store.pop(dictId, Uint8Array.of()).then(() => {}) }),
    ],
    ["the first of equal keys wins", firstWins],
    ["a write does not renew the end of an entry", writesOnce],
    [
      "contains counts as use",
      (store) => ({ contains: async (...at) => (await store.get(...at)) !== undefined }),
    ],
    ["a commit takes every version for the right one", takesEveryVersion],
    [
      "an update forgets times to live",
      (store) => ({
        update: (dictId, entries) =>
          store.update(
            dictId,
            entries.map(({ key, value }) => ({ key, value })),
          ),
      }),
    ],
    [
      "a version is the same for ever",
      (store) => ({
        entry: async (...at) => {
          const found = await store.entry(...at);
          return found && { ...found, version: "0000000000000001" };
        },
      }),
    ],
    [
      "a page leaves out its last entry",
      (store) => ({
        page: async (...at) => {
          const { entries, next } = await store.page(...at);
          return { entries: entries.slice(0, -1), next };
        },
      }),
    ],
    [
      "lists ignore the limit",
      (store) => ({ listDicts: (page) => store.listDicts({ ...page, maxObjects: 1e9 }) }),
    ],
    [
      "an extension is ignored",
      (store) => ({ extendDict: async (dictId) => void (await store.len(dictId)) }),
    ],
  ];
  for (const [fault, plant] of modelFaults) {
    test(`finds that ${fault}, and shows it in a few commands`, async () => {
      const failure = await firstDifference(plant);
      expect(failure?.message).toMatch(/^seed \d+: the store differs from the model at command/);
      const commands = failure!.message.split("\n").filter((line) => line.startsWith("  {"));
      expect(commands.length).toBeGreaterThan(0);
      expect(commands.length).toBeLessThanOrEqual(8);
    });
  }

  test("shows no more of a command than it needs", async () => {
    const failure = await firstDifference(firstWins);
    const commands = failure!.message.split("\n").filter((line) => line.startsWith("  {"));
    const updates = commands.map((line) => JSON.parse(line)).filter((each) => each.do === "update");
    expect(updates).toHaveLength(1);
    const [[firstKey], [secondKey], ...more] = updates[0].entries;
    expect([firstKey, more]).toEqual([secondKey, []]);
  });

  test("reports a store that throws what is no error of the table", async () => {
    const broken = faulty(() => ({
      len: () => {
        throw new TypeError("len is broken");
      },
    }));
    const found = await failures(casesOf((options) => modelSuite({ ...options, runs: 3 }), broken));
    expect(found[0]?.message).toContain("TypeError: len is broken");
  });

  test("depends on the seed only", async () => {
    const plant: Fault = (store) => ({ len: async (dictId) => (await store.len(dictId)) + 1 });
    const run = () =>
      failures(casesOf((options) => modelSuite({ ...options, seed: 5, runs: 2 }), faulty(plant)));
    const [first, second] = [await run(), await run()];
    expect(first).not.toEqual([]);
    expect(first.map(({ message }) => message)).toEqual(second.map(({ message }) => message));
  });
});

describe("linearizabilitySuite()", () => {
  const later = () => new Promise((resolve) => setImmediate(resolve));
  const raceFaults: readonly (readonly [string, Fault])[] = [
    [
      "putIfAbsent looks first and writes later",
      (store) => ({
        putIfAbsent: async (dictId, key, value) => {
          if (await store.contains(dictId, key)) return false;
          await later();
          await store.update(dictId, [{ key, value }]);
          return true;
        },
      }),
    ],
    [
      "pop reads first and removes later",
      (store) => ({
        pop: async (dictId, key) => {
          const value = await store.get(dictId, key);
          await later();
          await store.pop(dictId, key);
          return value;
        },
      }),
    ],
    [
      "a write is acknowledged before it can be seen",
      (store) => ({
        update: async (...at) => {
          const written = later().then(() => store.update(...at));
          // The store may be closed by then.
          written.catch(() => {});
        },
      }),
    ],
    [
      "a commit checks first and changes later",
      (store) => ({
        commit: async (dictId, request) => {
          const checked = await store.commit(dictId, { ...request, changes: [] });
          await later();
          return checked.committed ? store.commit(dictId, { ...request, conditions: [] }) : checked;
        },
      }),
    ],
    ["an addition reads first and writes later", addsLater],
    ["a commit takes every version for the right one", takesEveryVersion],
    ["reads come from a cache that nobody keeps up to date", staleReads],
    [
      "an update is visible in parts",
      (store) => ({
        update: async (dictId, entries) => {
          for (const entry of entries) {
            await store.update(dictId, [entry]);
            await later();
          }
        },
      }),
    ],
    [
      "clear takes one entry after the other",
      (store) => ({
        clear: async (dictId) => {
          for await (const batch of store.contents(dictId, { keys: true, values: false })) {
            for (const { key } of batch) {
              await store.pop(dictId, key);
              await later();
            }
          }
        },
      }),
    ],
  ];
  for (const [fault, plant] of raceFaults) {
    test(`finds that ${fault}`, async () => {
      const cases = casesOf((options) => linearizabilitySuite(options), faulty(plant));
      const found = await failures(cases);
      expect(found[0]?.message).toContain("no order explains");
    });
  }
});

const behindDoors: SuiteOptions = {
  describe,
  test,
  name: "memory behind doors",
  capabilities: persistent,
  canCrash: true,
  open: async (options) => openBehindDoors(options),
};

// Of the store suite only what concerns opening again; the rest is the memory store's own test.
const reopeningCases = casesOf(storeSuite, behindDoors).filter(([title]) => title.includes("reopening"));
describe("cases for persistent stores", () => {
  for (const [title, run] of reopeningCases) test(title, run);
});
modelSuite(behindDoors);

function takesEveryVersion(store: Store): Partial<Store> {
  return {
    commit: (dictId, { conditions, changes }, options) => {
      const weaker = conditions.map(({ key, expected }) => ({
        key,
        expected: expected === "absent" ? expected : "present",
      }));
      return store.commit(dictId, { conditions: weaker, changes }, options);
    },
  };
}

function firstWins(store: Store): Partial<Store> {
  return {
    update: async (dictId, entries) => {
      const first = new Map([...entries].reverse().map((entry) => [String(entry.key), entry]));
      await store.update(dictId, [...first.values()]);
    },
  };
}

function addsLater(store: Store): Partial<Store> {
  return {
    commit: async (dictId, { conditions, changes }) => {
      const [change] = changes;
      if (change?.kind !== "add") return store.commit(dictId, { conditions, changes });
      const present = await store.get(dictId, change.key);
      const sum = addToNumber(present, change);
      if ("refused" in sum) return store.commit(dictId, { conditions, changes });
      await new Promise((resolve) => setImmediate(resolve));
      const put = { kind: "put", key: change.key, value: sum.value } as const;
      const outcome = await store.commit(dictId, { conditions, changes: [put] });
      if (!outcome.committed) return outcome;
      return { committed: true, results: [{ ...outcome.results[0]!, value: sum.value }] };
    },
  };
}

function staleReads(store: Store): Partial<Store> {
  const cache = new Map<string, { value: Uint8Array | undefined; uses: number }>();
  return {
    get: async (dictId, key) => {
      const name = `${dictId} ${key}`;
      const cached = cache.get(name);
      if (cached !== undefined && cached.uses++ < 3) return cached.value;
      const value = await store.get(dictId, key);
      cache.set(name, { value, uses: 0 });
      return value;
    },
  };
}

function writesOnce(store: Store): Partial<Store> {
  return {
    update: async (dictId, entries) => {
      const kept = await Promise.all(
        entries.map(async (entry) => {
          const present = await store.get(dictId, entry.key);
          return present !== undefined && Buffer.compare(present, entry.value) === 0;
        }),
      );
      await store.update(
        dictId,
        entries.filter((_, index) => !kept[index]),
      );
    },
  };
}
