import assert from "node:assert/strict";
import {
  createDict,
  dictWith,
  entry,
  getText,
  lookup,
  numberedEntries,
  popText,
  put,
  putIfNew,
  sortedKeys,
} from "./subject-helpers.ts";
import type { SuiteCase } from "./suite-case.ts";

const callers = 64;

function together<T>(count: number, call: (index: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => call(index)));
}

/** What concurrent callers may rely on. */
export const concurrencyCases: readonly SuiteCase[] = [
  {
    title: "of 64 concurrent conditional puts exactly one wins, and its value is there",
    async run({ service }) {
      const dictId = await dictWith(service);
      for (let round = 0; round < 10; round++) {
        const key = `lock-${round}`;
        const won = await together(callers, (index) => putIfNew(service, dictId, key, `caller-${index}`));
        assert.equal(won.filter(Boolean).length, 1);
        assert.equal(await getText(service, dictId, key), `caller-${won.indexOf(true)}`);
      }
    },
  },
  {
    title: "of 64 concurrent pops exactly one receives the value",
    async run({ service }) {
      const dictId = await dictWith(service);
      for (let round = 0; round < 10; round++) {
        await put(service, dictId, "job", `${round}`);
        const received = await together(callers, () => popText(service, dictId, "job"));
        assert.deepEqual(
          received.filter((value) => value !== undefined),
          [`${round}`],
        );
      }
      assert.equal(await service.len(dictId), 0);
    },
  },
  {
    title: "16 callers draining a dictionary receive every value exactly once",
    async run({ service }) {
      const dictId = await dictWith(service, ...numberedEntries(40));
      const received = await together(16, async () => {
        const values: string[] = [];
        for (const key of await sortedKeys(service, dictId)) {
          const value = await popText(service, dictId, key);
          if (value !== undefined) values.push(value);
        }
        return values;
      });
      const all = received.flat();
      assert.equal(all.length, 40);
      assert.equal(new Set(all).size, 40);
    },
  },
  {
    title: "of 64 concurrent creators of one name all get one dictionary, with one of their contents",
    async run({ service }) {
      const created = await together(callers, (index) =>
        service.getOrCreateDict({
          mode: "createIfMissing",
          environment: "",
          name: "jobs",
          data: [entry("creator", `${index}`), entry(`only-${index}`, "1")],
        }),
      );
      const { dictId } = await lookup(service, "jobs");
      assert.deepEqual(new Set(created.map((info) => info.dictId)), new Set([dictId]));
      const creator = await getText(service, dictId, "creator");
      assert.deepEqual(await sortedKeys(service, dictId), ["creator", `only-${creator}`]);
    },
  },
  {
    title: "of 64 concurrent createFailIfExists exactly one succeeds",
    async run({ service }) {
      const outcomes = await together(callers, (index) =>
        createDict(service, "jobs", {}, { idempotencyKey: `attempt-${index}` }).then(
          (info) => info.dictId,
          (caught: { code: string }) => caught.code,
        ),
      );
      assert.equal(outcomes.filter((outcome) => outcome === "dict_exists").length, callers - 1);
      assert.ok(outcomes.includes((await lookup(service, "jobs")).dictId));
    },
  },
  {
    title: "puts of one key made in order end with the last",
    async run({ service }) {
      const dictId = await dictWith(service);
      await together(callers, (index) => put(service, dictId, "a", `${index}`));
      assert.equal(await getText(service, dictId, "a"), `${callers - 1}`);
      assert.equal(await service.len(dictId), 1);
    },
  },
  {
    title: "len agrees with what is there after a storm of puts and pops",
    async run({ service }) {
      const dictId = await dictWith(service);
      await together(callers, async (index) => {
        for (let step = 0; step < 10; step++) {
          await put(service, dictId, `key-${(index * 7 + step) % 50}`, `${index}`);
          if (step % 3 === 0) await popText(service, dictId, `key-${(index + step) % 50}`);
        }
      });
      assert.equal(await service.len(dictId), (await sortedKeys(service, dictId)).length);
    },
  },
];
