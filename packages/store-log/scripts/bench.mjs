// How fast the log store is in this process: no wire, no codec, every put flushed before it resolves.
//
//   node packages/store-log/scripts/bench.mjs [--entries 100000] [--directory DIR] [--phase-ms 1500]
//
// Figures depend on the disk's flush more than on anything here, so that is printed first.
import { fdatasyncSync, mkdtempSync, openSync, readdirSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { openLogStore } from "../dist/index.js";

const { values: flags } = parseArgs({
  options: {
    entries: { type: "string", default: "100000" },
    directory: { type: "string", default: tmpdir() },
    "phase-ms": { type: "string", default: "1500" },
  },
});
const entryCount = Number(flags.entries);
const base = mkdtempSync(join(flags.directory, "everdict-bench-"));
const directory = join(base, "data");
const phaseMs = Number(flags["phase-ms"]);
const valueBytes = 100;

const keys = Array.from({ length: entryCount }, (_, index) =>
  Buffer.from(`key-${String((index * 7919) % entryCount).padStart(16, "0")}`),
);
let counter = 0;
// Values differ, since a disk or a store may be quicker with equal ones.
const nextValue = () => Buffer.alloc(valueBytes, `${counter++}`);

function report(name, figure) {
  console.log(`${name.padEnd(44)} ${figure}`);
}

/** So many callers, each with one call at a time; answers calls a second. */
async function rate(callers, call) {
  let calls = 0;
  const startMs = performance.now();
  await Promise.all(
    Array.from({ length: callers }, async (_, caller) => {
      for (let index = caller * 101; performance.now() - startMs < phaseMs; index++) {
        await call(keys[index % entryCount]);
        calls++;
      }
    }),
  );
  return `${Math.round((calls * 1000) / (performance.now() - startMs)).toLocaleString("en")}/s`;
}

function flushMicros() {
  const file = openSync(join(base, "flush"), "w");
  const times = [];
  for (let index = 0; index < 200; index++) {
    const startMs = performance.now();
    writeSync(file, Buffer.alloc(200, index), 0, 200, index * 200);
    fdatasyncSync(file);
    times.push((performance.now() - startMs) * 1000);
  }
  return times.sort((a, b) => a - b)[times.length >> 1];
}

async function open(options = {}) {
  const startMs = performance.now();
  const store = await openLogStore({ directory, ...options });
  return { store, tookMs: performance.now() - startMs };
}

const dictId = "di-bench";
const expiry = { policy: "afterWrite", ttlMs: 30 * 24 * 3600 * 1000 };
let { store } = await open();
await store.createEnvironment("en-bench", "main");
await store.createDict({
  id: dictId,
  environmentId: "en-bench",
  name: "bench",
  createdBy: "",
  expiry,
  data: [],
});
const put = (key) => store.update(dictId, [{ key, value: nextValue() }]);

report("flush of this disk, median", `${Math.round(flushMicros())} us`);
let startMs = performance.now();
for (let start = 0; start < entryCount; start += 10_000) {
  const part = keys.slice(start, start + 10_000);
  await store.update(
    dictId,
    part.map((key) => ({ key, value: nextValue() })),
  );
}
report(`load of ${entryCount} entries, 10,000 an update`, `${Math.round(performance.now() - startMs)} ms`);
for (const callers of [1, 256, 4096]) report(`put, ${callers} outstanding`, await rate(callers, put));
report(
  "putIfAbsent that loses, 256 outstanding",
  await rate(256, (key) => store.putIfAbsent(dictId, key, key)),
);
report(
  "pop and put again, 256 outstanding",
  await rate(256, async (key) => {
    await store.pop(dictId, key);
    await put(key);
  }),
);
report("get, values in memory, 256 outstanding", await rate(256, (key) => store.get(dictId, key)));
startMs = performance.now();
let shown = 0;
for await (const batch of store.contents(dictId, { keys: true, values: true })) shown += batch.length;
report("contents", `${Math.round((shown * 1000) / (performance.now() - startMs)).toLocaleString("en")}/s`);
await store.close();

const reopened = await open({ valueCacheMaxBytes: 0 });
store = reopened.store;
const bytes = readdirSync(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);
report(
  `open, ${await store.len(dictId)} entries, ${(bytes / 2 ** 20).toFixed(0)} MiB`,
  `${Math.round(reopened.tookMs)} ms`,
);
report("get, values in the log, 256 outstanding", await rate(256, (key) => store.get(dictId, key)));
await store.close();
rmSync(base, { recursive: true });
