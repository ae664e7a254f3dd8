// What a million entries cost the embedded store alone, printed as JSON: memory an entry with all values in memory and
// with none, and how long opening takes. Started with --expose-gc in a process of its own, since memory is measured.
//
//   node --expose-gc bench/dist/store-memory.js ENTRIES DIRECTORY load|cached|inLog
import { openLogStore } from "@everdict/store-log";

const [entryCount, directory, kind] = [Number(process.argv[2]), process.argv[3]!, process.argv[4]];
const valueBytes = 100;
const batchSize = 5000;
const dictId = "di-0123456789abcdefghijkl";
const valueCacheMaxBytes = kind === "cached" ? entryCount * 2 * valueBytes + 2 ** 20 : 0;

/** Resident memory once garbage is gone: the least of several looks, as freed pages go back with a delay. */
async function settledRssBytes(): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let look = 0; look < 5; look++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 100));
    least = Math.min(least, process.memoryUsage.rss());
  }
  return least;
}

const keyOf = (index: number): Buffer =>
  Buffer.from(`key-${String((index * 7919) % entryCount).padStart(16, "0")}`);

async function load(): Promise<void> {
  const store = await openLogStore({ directory, valueCacheMaxBytes });
  await store.createEnvironment("en-bench", "main");
  const expiry = { policy: "afterWrite", ttlMs: 30 * 24 * 3600 * 1000 } as const;
  await store.createDict({
    id: dictId,
    environmentId: "en-bench",
    name: "bench",
    createdBy: "",
    expiry,
    data: [],
  });
  for (let start = 0; start < entryCount; start += batchSize) {
    const length = Math.min(batchSize, entryCount - start);
    const entry = (_: unknown, index: number) => ({
      key: keyOf(start + index),
      value: Buffer.alloc(valueBytes, `${start + index}`),
    });
    await store.update(dictId, Array.from({ length }, entry));
  }
  await store.close();
}

/** Reads every value, so that those that may stay in memory are there. */
async function readAll(store: Awaited<ReturnType<typeof openLogStore>>): Promise<void> {
  for (let index = 0; index < entryCount; index++) {
    if ((await store.get(dictId, keyOf(index)))?.length !== valueBytes)
      throw new Error("an entry is missing");
  }
}

if (kind === "load") {
  await load();
} else {
  const before = await settledRssBytes();
  const startMs = performance.now();
  const store = await openLogStore({ directory, valueCacheMaxBytes });
  const openSeconds = (performance.now() - startMs) / 1000;
  if ((await store.len(dictId)) !== entryCount) throw new Error("the store lacks entries");
  if (kind === "cached") await readAll(store);
  const bytesAnEntry = ((await settledRssBytes()) - before) / entryCount;
  console.log(JSON.stringify({ openSeconds, bytesAnEntry }));
  await store.close();
}
