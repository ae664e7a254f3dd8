import { describe, test } from "vitest";
import { createMemoryStore } from "./memory-store.ts";
import { storeSuite } from "./suite/index.ts";

storeSuite({
  describe,
  test,
  name: "memory",
  capabilities: { durability: "memory", persistent: false, atomicUpdate: true, durableTokens: false },
  open: async (options) => {
    const store = createMemoryStore(options);
    return { store, destroy: () => store.close() };
  },
});
