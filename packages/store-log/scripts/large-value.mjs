// What a value of 100 MiB costs in memory: prints the peak of this process before and after one step, in MiB.
//
//   node --expose-gc packages/store-log/scripts/large-value.mjs write|read|litter|compact DIRECTORY
//
// `write` makes the directory, `litter` writes the value again, in a segment with garbage; `compact` goes on until that
// segment is gone.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { openLogStore } from "../dist/index.js";

const [step, directory] = process.argv.slice(2);
const mib = 2 ** 20;
const dictId = "di-large";
const key = Buffer.from("key");
const garbage = Buffer.from("garbage");

const store = await openLogStore({ directory, segmentMaxBytes: 256 * mib, valueCacheMaxBytes: 0 });
const put = (entryKey, value) => store.update(dictId, [{ key: entryKey, value }]);
const steps = {
  async write() {
    const expiry = { policy: "never" };
    await store.createEnvironment("en-large", "main");
    await store.createDict({
      id: dictId,
      environmentId: "en-large",
      name: "d",
      createdBy: "",
      expiry,
      data: [],
    });
    const value = Buffer.alloc(100 * mib, 7);
    return () => put(key, value);
  },
  async read() {
    return () => store.get(dictId, key);
  },
  async litter() {
    const entries = [
      { key: garbage, value: Buffer.alloc(130 * mib, 1) },
      { key, value: Buffer.alloc(100 * mib, 7) },
      { key: garbage, value: Buffer.alloc(0) },
    ];
    return () => store.update(dictId, entries);
  },
  async compact() {
    const segment = join(directory, "0000000002.segment");
    if (!existsSync(segment)) throw new Error(`there is no ${segment} to compact`);
    return async () => {
      while (existsSync(segment)) await new Promise((resolve) => setTimeout(resolve, 10));
    };
  },
};

const run = await steps[step]();
globalThis.gc();
const before = peakMib();
await run();
const after = peakMib();
await store.close();
console.log(JSON.stringify({ before, after }));

function peakMib() {
  return Math.round(process.resourceUsage().maxRSS / 1024);
}
