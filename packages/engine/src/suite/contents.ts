import assert from "node:assert/strict";
import {
  bytes,
  collect,
  createDict,
  dictWith,
  entry,
  numberedEntries,
  put,
  rejectsWith,
  text,
} from "./subject-helpers.ts";
import type { SuiteCase } from "./suite-case.ts";

const both = { keys: true, values: true } as const;

// 450 fit one request of the suite's limits; several of them make a stream of several batches.
const stableCount = 450;
const roundCount = 6;

/** Streaming the entries of a dictionary. */
export const contentsCases: readonly SuiteCase[] = [
  {
    title: "an empty dictionary streams nothing",
    async run({ service }) {
      assert.deepEqual(await collect(service, await dictWith(service)), []);
    },
  },
  {
    title: "contents carries the parts that were asked for and leaves the others empty",
    async run({ service }) {
      const dictId = await dictWith(service, entry("a", "1"));
      for (const [keys, values] of [
        [true, true],
        [true, false],
        [false, true],
      ] as const) {
        const [only, ...others] = await collect(service, dictId, { keys, values });
        assert.equal(others.length, 0);
        assert.equal(text(only?.key), keys ? "a" : "");
        assert.equal(text(only?.value), values ? "1" : "");
      }
    },
  },
  {
    title: "every entry is streamed exactly once with its value",
    async run({ service }) {
      const dictId = await dictWith(service);
      for (let round = 0; round < roundCount; round++) {
        await service.update(dictId, numberedEntries(stableCount, `round-${round}`));
      }
      const found = new Map<string, string>();
      for (const { key, value } of await collect(service, dictId)) found.set(text(key)!, text(value)!);
      assert.equal(found.size, roundCount * stableCount);
      assert.equal((await collect(service, dictId)).length, roundCount * stableCount);
      assert.equal(found.get("round-3-77"), "value-77");
    },
  },
  {
    title: "an entry present throughout is streamed exactly once while others come, change and go",
    async run({ service }) {
      const dictId = await dictWith(service);
      for (let round = 0; round < roundCount; round++) {
        await service.update(dictId, numberedEntries(stableCount, `stable-${round}`));
        await service.update(dictId, numberedEntries(50, `leaving-${round}`));
      }
      const seen = new Map<string, number>();
      let step = 0;
      for await (const batch of service.contents(dictId, both)) {
        for (const { key } of batch) {
          const name = text(key)!;
          seen.set(name, (seen.get(name) ?? 0) + 1);
        }
        await service.update(dictId, numberedEntries(100, `coming-${step}`));
        await service.pop(dictId, bytes(`leaving-${step % roundCount}-${step}`));
        await put(service, dictId, `stable-${step % roundCount}-${step}`, "changed");
        step++;
        assert.ok(step < 5000, "the stream must not chase what is added behind it");
      }
      const stable = [...seen].filter(([name]) => name.startsWith("stable-"));
      assert.equal(stable.length, roundCount * stableCount);
      assert.deepEqual(
        stable.filter(([, times]) => times !== 1),
        [],
      );
    },
  },
  {
    title: "a consumer may stop early, again and again, and everything goes on",
    async run({ service }) {
      const dictId = await dictWith(service, ...numberedEntries(stableCount));
      for (let round = 0; round < 20; round++) {
        let received = 0;
        for await (const batch of service.contents(dictId, both)) {
          received += batch.length;
          break;
        }
        assert.ok(received > 0);
      }
      const unstarted = service.contents(dictId, both)[Symbol.asyncIterator]();
      await unstarted.return?.();
      await service.clear(dictId);
      assert.equal(await service.len(dictId), 0);
    },
  },
  {
    title: "several streams of one dictionary do not disturb each other",
    async run({ service }) {
      const dictId = await dictWith(service, ...numberedEntries(stableCount));
      const streams = await Promise.all(Array.from({ length: 8 }, () => collect(service, dictId)));
      for (const entries of streams) {
        assert.equal(new Set(entries.map(({ key }) => text(key))).size, stableCount);
        assert.equal(entries.length, stableCount);
      }
    },
  },
  {
    title: "large values are streamed whole",
    async run({ service }) {
      const dictId = await dictWith(service);
      const sizes = [1_000_000, 0, 500_000, 1_048_576, 1];
      for (const [index, size] of sizes.entries()) {
        const value = new Uint8Array(size).fill(index);
        await service.update(dictId, [{ key: Uint8Array.of(index), value }]);
      }
      const entries = await collect(service, dictId);
      assert.equal(entries.length, sizes.length);
      for (const { key, value } of entries) {
        assert.equal(value.length, sizes[key[0]!]);
        assert.ok(value.every((byte) => byte === key[0]));
      }
    },
  },
  {
    title: "contents of an unknown dictionary is dict_not_found at the first step",
    async run({ service }) {
      const { dictId } = await createDict(service, "jobs");
      await service.deleteDict(dictId);
      for (const id of [dictId, "di-nonexistent"]) {
        const stream = service.contents(id, both)[Symbol.asyncIterator]();
        await rejectsWith("dict_not_found", () => stream.next());
      }
    },
  },
  {
    title: "contents given up before it began is cancelled at the first step",
    async run({ service }) {
      const dictId = await dictWith(service, entry("a", "1"));
      const stream = service.contents(dictId, both, { signal: AbortSignal.abort() });
      await rejectsWith("cancelled", () => stream[Symbol.asyncIterator]().next());
    },
  },
];
