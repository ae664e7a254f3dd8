import { describe, expect, test } from "vitest";
import { createMemoryStore } from "./memory-store.ts";
import { linearizabilitySuite, modelSuite, type SuiteOptions, storeSuite } from "./suite/index.ts";

const options: SuiteOptions = {
  describe,
  test,
  name: "memory",
  capabilities: {
    durability: "memory",
    persistent: false,
    atomicUpdate: true,
    commitsAnyKeys: true,
    durableAnswers: false,
  },
  open: async (openOptions) => {
    const store = createMemoryStore(openOptions);
    return { store, destroy: () => store.close() };
  },
};

storeSuite(options);
modelSuite(options);
linearizabilitySuite(options);

test("a stream lets others have their turn in between, sooner if the patterns are large", async () => {
  const store = createMemoryStore();
  await store.createEnvironment("en-test", "main");
  const expiry = { policy: "never" } as const;
  const dict = { id: "di-test", environmentId: "en-test", name: "test", createdBy: "", expiry, data: [] };
  await store.createDict(dict);
  const entries = Array.from({ length: 100 }, (_, index) => ({
    key: Uint8Array.of(index),
    value: new Uint8Array(0),
  }));
  await store.update(dict.id, entries);
  const turnsWith = async (patternBytes: number) => {
    const match = [[{ offset: 0, bytes: new Uint8Array(patternBytes) }]];
    let isOver = false;
    let turns = 0;
    const count = () => {
      turns++;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    const shown: unknown[] = [];
    for await (const batch of store.contents(dict.id, { keys: true, values: true, match })) shown.push(batch);
    isOver = true;
    expect(shown).toHaveLength(patternBytes === 1 ? 1 : 0);
    return turns;
  };
  expect(await turnsWith(1)).toBe(0);
  expect(await turnsWith(256 * 1024)).toBeGreaterThan(5);
  await store.close();
});
