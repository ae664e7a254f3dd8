import { describe, test } from "vitest";
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
