import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { modelSuite, type SuiteOptions, storeSuite } from "@everdict/store/suite";
import { describe, test } from "vitest";
import { openLogStore } from "./open-log-store.ts";
import type { LogStoreOptions } from "./options.ts";

// The second configuration makes everything small, so that segments are sealed and compacted all the time and
// values come from the log instead of from memory.
const configurations: Record<string, Partial<LogStoreOptions>> = {
  log: {},
  "log, tiny segments, no value cache": { segmentMaxBytes: 4096, valueCacheMaxBytes: 0 },
};

for (const [name, configuration] of Object.entries(configurations)) {
  const options: SuiteOptions = {
    describe,
    test,
    name,
    capabilities: { durability: "sync", persistent: true, atomicUpdate: true, durableTokens: true },
    open: async (openOptions) => {
      const directory = await mkdtemp(join(tmpdir(), "everdict-store-log-"));
      const open = () => openLogStore({ directory, ...configuration, ...openOptions });
      let store = await open();
      const reopen = async () => {
        await store.close();
        store = await open();
        return store;
      };
      const destroy = async () => {
        await store.close();
        await rm(directory, { recursive: true });
      };
      return { store, reopen, destroy };
    },
  };
  storeSuite(options);
  modelSuite(options);
}
