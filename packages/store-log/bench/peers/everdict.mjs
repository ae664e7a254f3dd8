import { readdirSync } from "node:fs";
import { openLogStore } from "../../dist/index.js";

const dictId = "di-bench";
const both = { keys: true, values: true };

/** The log store in this process. `everdict`: values in memory; `everdict-log`: values read from the log. */
export function everdict({ valueCacheMaxBytes }) {
  return {
    async open({ directory, durability }) {
      const store = await openLogStore({ directory, valueCacheMaxBytes });
      if (store.getDict(dictId) === undefined) {
        await store.createEnvironment("en-bench", "main");
        const expiry = { policy: "afterWrite", ttlMs: 30 * 24 * 3600 * 1000 };
        const request = {
          id: dictId,
          environmentId: "en-bench",
          name: "bench",
          createdBy: "",
          expiry,
          data: [],
        };
        await store.createDict({ ...request, durability });
      }
      return {
        get: (key) => store.get(dictId, key),
        put: (key, value) => store.update(dictId, [{ key, value }]),
        putIfAbsent: (key, value) => store.putIfAbsent(dictId, key, value),
        pop: (key) => store.pop(dictId, key),
        update: (entries) => store.update(dictId, entries),
        async scan() {
          let count = 0;
          for await (const batch of store.contents(dictId, both)) count += batch.length;
          return count;
        },
        clear: () => store.clear(dictId),
        close: () => store.close(),
        compactedSegments: () => compactedSegments(directory),
      };
    },
  };
}

/** Segments are numbered, and only compaction removes one. */
function compactedSegments(directory) {
  const numbers = readdirSync(directory)
    .filter((name) => name.endsWith(".segment"))
    .map((name) => Number.parseInt(name, 10));
  return Math.max(0, ...numbers) - numbers.length;
}
