import assert from "node:assert/strict";
import {
  bytes,
  dictWith,
  entry,
  getText,
  numberedEntries,
  popText,
  put,
  putIfNew,
  rejectsWith,
  sortedKeys,
} from "./subject-helpers.ts";
import type { SuiteCase } from "./suite-case.ts";

const oddKeys: readonly Uint8Array[] = [
  new Uint8Array(0),
  Uint8Array.of(0),
  Uint8Array.of(0, 0),
  Uint8Array.of(0xff),
  Uint8Array.of(0xc3, 0x28),
  Uint8Array.of(0xef, 0xbb, 0xbf),
  bytes("key"),
  bytes("key\n"),
  bytes("{key}:di-1"),
  new Uint8Array(1024).fill(0x61),
  new Uint8Array(1023).fill(0x61),
];

/** What the operations on entries do. */
export const entryCases: readonly SuiteCase[] = [
  {
    title: "a key that is not there is an answer, not an error",
    async run({ service }) {
      const dictId = await dictWith(service);
      assert.equal(await service.get(dictId, bytes("a")), undefined);
      assert.equal(await service.contains(dictId, bytes("a")), false);
      assert.equal(await service.pop(dictId, bytes("a")), undefined);
      assert.equal(await service.len(dictId), 0);
    },
  },
  {
    title: "put adds an entry or replaces it",
    async run({ service }) {
      const dictId = await dictWith(service);
      await put(service, dictId, "a", "1");
      await put(service, dictId, "a", "2");
      assert.equal(await getText(service, dictId, "a"), "2");
      assert.equal(await service.contains(dictId, bytes("a")), true);
      assert.equal(await service.len(dictId), 1);
    },
  },
  {
    title: "keys are compared byte for byte",
    async run({ service }) {
      const dictId = await dictWith(service);
      for (const [index, key] of oddKeys.entries()) {
        assert.equal(await service.contains(dictId, key), false, `key ${index}`);
        await service.update(dictId, [{ key, value: Uint8Array.of(index) }]);
      }
      assert.equal(await service.len(dictId), oddKeys.length);
      for (const [index, key] of oddKeys.entries()) {
        assert.deepEqual([...(await service.get(dictId, key))!], [index], `key ${index}`);
        assert.deepEqual([...(await service.pop(dictId, key))!], [index], `key ${index}`);
      }
      assert.equal(await service.len(dictId), 0);
    },
  },
  {
    title: "values of any bytes come back as they were, the empty one too",
    async run({ service }) {
      const dictId = await dictWith(service);
      const everyByte = Uint8Array.from({ length: 70_000 }, (_, index) => index % 256);
      for (const value of [new Uint8Array(0), Uint8Array.of(0), everyByte]) {
        await service.update(dictId, [{ key: bytes("a"), value }]);
        const found = await service.get(dictId, bytes("a"));
        assert.ok(found !== undefined && Buffer.compare(found, value) === 0, `${value.length} bytes`);
      }
    },
  },
  {
    title: "what was put is independent of the caller's buffer",
    async run({ service }) {
      const dictId = await dictWith(service);
      const { key, value } = entry("a", "1");
      await service.update(dictId, [{ key, value }]);
      key.fill(0);
      value.fill(0);
      assert.equal(await getText(service, dictId, "a"), "1");
    },
  },
  {
    title: "update writes all its entries and of equal keys the last wins",
    async run({ service }) {
      const dictId = await dictWith(service, entry("a", "old"), entry("kept", "0"));
      const entries = [entry("a", "1"), entry("b", "2"), entry("a", "3")];
      await service.update(dictId, entries);
      assert.deepEqual(await sortedKeys(service, dictId), ["a", "b", "kept"]);
      assert.equal(await getText(service, dictId, "a"), "3");
      assert.equal(await getText(service, dictId, "b"), "2");
    },
  },
  {
    title: "update of nothing is accepted",
    async run({ service }) {
      const dictId = await dictWith(service, entry("a", "1"));
      await service.update(dictId, []);
      assert.equal(await service.len(dictId), 1);
    },
  },
  {
    title: "a conditional put writes only if no entry is there",
    async run({ service }) {
      const dictId = await dictWith(service);
      assert.equal(await putIfNew(service, dictId, "lock", "mine"), true);
      assert.equal(await putIfNew(service, dictId, "lock", "yours"), false);
      assert.equal(await getText(service, dictId, "lock"), "mine");
      await service.pop(dictId, bytes("lock"));
      assert.equal(await putIfNew(service, dictId, "lock", "yours"), true);
      assert.equal(await getText(service, dictId, "lock"), "yours");
    },
  },
  {
    title: "remove removes an entry and says whether one existed",
    async run({ service }) {
      const dictId = await dictWith(service, entry("a", "1"));
      assert.equal(await service.remove(dictId, bytes("a")), true);
      assert.equal(await service.remove(dictId, bytes("a")), false);
      assert.equal(await service.contains(dictId, bytes("a")), false);
    },
  },
  {
    title: "pop removes an entry and answers its value",
    async run({ service }) {
      const dictId = await dictWith(service, entry("a", "1"), entry("b", "2"));
      assert.equal(await popText(service, dictId, "a"), "1");
      assert.equal(await popText(service, dictId, "a"), undefined);
      assert.deepEqual(await sortedKeys(service, dictId), ["b"]);
      assert.equal(await service.len(dictId), 1);
    },
  },
  {
    title: "clear removes everything and the dictionary stays usable",
    async run({ service }) {
      const dictId = await dictWith(service, ...numberedEntries(300));
      await service.clear(dictId);
      assert.equal(await service.len(dictId), 0);
      assert.equal(await getText(service, dictId, "key-7"), undefined);
      assert.deepEqual(await sortedKeys(service, dictId), []);
      await service.clear(dictId);
      assert.equal(await putIfNew(service, dictId, "key-7", "new"), true);
      assert.equal(await service.len(dictId), 1);
    },
  },
  {
    title: "a call that was given up before it began does nothing",
    async run({ service }) {
      const dictId = await dictWith(service, entry("a", "1"));
      const options = { signal: AbortSignal.abort() };
      await rejectsWith("cancelled", () => service.pop(dictId, bytes("a"), options));
      await rejectsWith("cancelled", () => service.update(dictId, [entry("b", "2")], options));
      await rejectsWith("cancelled", () => service.clear(dictId, options));
      assert.deepEqual(await sortedKeys(service, dictId), ["a"]);
    },
  },
  {
    title: "a call with time and a signal to spare answers as usual",
    async run({ service }) {
      const dictId = await dictWith(service, entry("a", "1"));
      const options = { signal: new AbortController().signal, timeoutMs: 60_000 };
      assert.equal(await service.len(dictId, options), 1);
      await service.update(dictId, [entry("b", "2")], options);
      assert.equal(await popText(service, dictId, "b", options), "2");
    },
  },
];
