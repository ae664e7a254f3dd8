import assert from "node:assert/strict";
import {
  allPages,
  bytes,
  collect,
  createDict,
  dictWith,
  entry,
  numberedEntries,
  prefix,
  rejectsWith,
  text,
} from "./subject-helpers.ts";
import { type SuiteCase, suiteDefaults } from "./suite-case.ts";

const { keyMaxBytes, requestMaxEntries } = suiteDefaults.limits;
const pageCursorMaxBytes = 64 * 1024;
const tooManyKeys = Array.from({ length: requestMaxEntries + 1 }, (_, index) => bytes(`key-${index}`));

/** Reads and removals of many entries, and what is known of a dictionary as a whole. */
export const bulkCases: readonly SuiteCase[] = [
  {
    title: "many keys are read in their order, absent ones as absence, equal ones twice",
    async run({ service }) {
      const dictId = await dictWith(service, entry("a", "1"), entry("b", ""), entry("c", "3"));
      const keys = ["c", "x", "a", "b", "a"].map(bytes);
      const values = await service.getMany(dictId, keys);
      assert.deepEqual(values.map(text), ["3", undefined, "1", "", "1"]);
      assert.deepEqual(await service.getMany(dictId, []), []);
    },
  },
  {
    title: "of many large values the first come, and the rest when they are asked for",
    open: { limits: { ...suiteDefaults.limits, requestMaxBytes: 16 * 1024 * 1024 } },
    async run({ service }) {
      const dictId = await dictWith(service);
      const keys = Array.from({ length: 12 }, (_, index) => bytes(`key-${index}`));
      for (const [index, key] of keys.entries()) {
        await service.update(dictId, [{ key, value: new Uint8Array(900_000).fill(index) }]);
      }
      let calls = 0;
      const seen: number[] = [];
      while (seen.length < keys.length) {
        const values = await service.getMany(dictId, keys.slice(seen.length));
        assert.ok(values.length > 0);
        for (const value of values) seen.push(value![899_999]!);
        calls++;
      }
      assert.deepEqual(
        seen,
        keys.map((_, index) => index),
      );
      assert.ok(calls > 1, "10 MB came in one answer");
    },
  },
  {
    title: "many keys are removed, and those that were there are counted once",
    async run({ service }) {
      const dictId = await dictWith(service, ...numberedEntries(5));
      const keys = ["key-0", "key-3", "key-0", "absent"].map(bytes);
      const option = { idempotencyKey: "5f0c6ad6-7d6a-4f57-9a0b-0a4b2a6f4c01" };
      assert.equal(await service.removeMany(dictId, keys, option), 2);
      await service.update(dictId, [entry("key-3", "again")]);
      assert.equal(await service.removeMany(dictId, keys, option), 2);
      assert.equal(await service.len(dictId), 4);
      assert.equal(await service.removeMany(dictId, []), 0);
    },
  },
  {
    title: "too many keys, or one that is too long, are refused and nothing is removed",
    async run({ service }) {
      const dictId = await dictWith(service, ...numberedEntries(2));
      const long = [bytes("key-0"), new Uint8Array(keyMaxBytes + 1)];
      await rejectsWith("too_many_entries", () => service.getMany(dictId, tooManyKeys), /501.*500/);
      await rejectsWith("too_many_entries", () => service.removeMany(dictId, tooManyKeys), /501.*500/);
      await rejectsWith("key_too_large", () => service.getMany(dictId, long));
      await rejectsWith("key_too_large", () => service.removeMany(dictId, long));
      assert.equal(await service.len(dictId), 2);
    },
  },
  {
    title: "pages of any size show every entry exactly once",
    async run({ service }) {
      const data = numberedEntries(100);
      const dictId = await dictWith(service, ...data);
      for (const limit of [1, 7, 100, requestMaxEntries]) {
        const entries = (await allPages(service, dictId, { limit, values: true })).flatMap(
          (page) => page.entries,
        );
        const pairs = entries.map(({ key, value }) => `${text(key)}=${text(value)}`);
        assert.deepEqual(pairs.sort(), data.map(({ key, value }) => `${text(key)}=${text(value)}`).sort());
      }
    },
  },
  {
    title: "pages and streams show what matches, with values only where they are wanted",
    async run({ service }) {
      const dictId = await dictWith(
        service,
        ...numberedEntries(20, "one"),
        ...numberedEntries(5, "two"),
        entry("", "0"),
      );
      const match = [
        prefix("two-1"),
        [{ offset: 3, bytes: bytes("-0") }],
        [{ offset: 0, bytes: bytes("one-19") }],
      ];
      const expected = ["one-0", "one-19", "two-0", "two-1"];
      const pages = await allPages(service, dictId, { limit: 3, values: false, match });
      const entries = pages.flatMap((page) => page.entries);
      assert.deepEqual(entries.map(({ key }) => text(key)).sort(), expected);
      assert.ok(entries.every(({ value }) => value.length === 0));
      const streamed = await collect(service, dictId, { keys: true, values: true, match });
      assert.deepEqual(streamed.map(({ key }) => text(key)).sort(), expected);
      assert.ok(streamed.every(({ value }) => value.length > 0));
      const none = await collect(service, dictId, { keys: true, values: false, match: [prefix("three")] });
      assert.deepEqual(none, []);
    },
  },
  {
    title: "a page that cannot be is invalid_argument",
    async run({ service }) {
      const dictId = await dictWith(service, entry("a", "1"));
      const page = (more: object) => service.page(dictId, { limit: 10, values: true, ...more });
      await rejectsWith("invalid_argument", () => page({ limit: 0 }), /limit is 0.*from 1 to 500/);
      await rejectsWith("invalid_argument", () => page({ limit: 501 }), /501.*500/);
      await rejectsWith("invalid_argument", () => page({ after: bytes("no cursor") }), /cursor/);
      await rejectsWith("invalid_argument", () => page({ after: new Uint8Array(0) }), /cursor/);
      const long = new Uint8Array(pageCursorMaxBytes + 1);
      await rejectsWith("invalid_argument", () => page({ after: long }), /65537.*65536/);
    },
  },
  {
    title: "patterns beyond their limits are invalid_argument, on pages and streams",
    async run({ service }) {
      const dictId = await dictWith(service, entry("a", "1"));
      const [part, last] = [
        { offset: 0, bytes: bytes("a") },
        { offset: keyMaxBytes - 1, bytes: bytes("a") },
      ];
      const within = [[part, last], ...Array(15).fill(Array(16).fill(part))];
      const beyond = [
        Array(17).fill([part]),
        [Array(17).fill(part)],
        [[{ offset: keyMaxBytes, bytes: bytes("a") }]],
      ];
      for (const match of beyond) {
        const page = () => service.page(dictId, { limit: 10, values: true, match });
        await rejectsWith("invalid_argument", page, /limit is 16|at most 1024/);
        await rejectsWith("invalid_argument", () =>
          collect(service, dictId, { keys: true, values: true, match }),
        );
      }
      const { entries } = await service.page(dictId, { limit: 10, values: true, match: within });
      assert.equal(entries.length, 1);
    },
  },
  {
    title: "statistics count entries, and their bytes where the store knows them",
    async run({ service }) {
      const { dictId } = await createDict(service, "subject");
      assert.equal((await service.stats(dictId)).entries, 0);
      await service.update(dictId, numberedEntries(10));
      const { entries, bytes: stored } = await service.stats(dictId);
      assert.equal(entries, 10);
      assert.ok(
        stored === undefined || stored >= 10 * ("key-0".length + "value-0".length),
        `${stored} bytes`,
      );
    },
  },
];
