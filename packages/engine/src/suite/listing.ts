import assert from "node:assert/strict";
import type { DictInfo, DictService } from "@everdict/protocol";
import { createDict, createEphemeral, rejectsWith } from "./subject-helpers.ts";
import type { SuiteCase } from "./suite-case.ts";

async function createMany(service: DictService, count: number): Promise<string[]> {
  const names = Array.from({ length: count }, (_, index) => `dict-${index}`);
  for (const name of names) await createDict(service, name);
  return names;
}

/** Creates 250 dictionaries at once and answers their names, newest first. */
async function create250(service: DictService): Promise<string[]> {
  const wanted = Array.from({ length: 250 }, (_, index) => `dict-${index}`);
  await Promise.all(wanted.map((name) => createDict(service, name)));
  const listed = await service.listDicts({ environment: "", maxObjects: 0 });
  assert.deepEqual(names(listed).sort(), wanted.sort());
  for (const [index, { createdAtSeconds }] of listed.entries()) {
    const older = listed[index + 1];
    assert.ok(older === undefined || older.createdAtSeconds < createdAtSeconds);
  }
  return names(listed);
}

/** Reads page after page as the official client does (protocol section 2.8). */
async function listByPages(
  service: DictService,
  firstBound: number,
  pageObjects: number,
): Promise<DictInfo[]> {
  const listed: DictInfo[] = [];
  let createdBeforeSeconds = firstBound;
  for (;;) {
    const page = await service.listDicts({ environment: "", maxObjects: pageObjects, createdBeforeSeconds });
    listed.push(...page);
    if (page.length < pageObjects) return listed;
    createdBeforeSeconds = page.at(-1)!.createdAtSeconds;
    assert.ok(listed.length < 10_000, "the pages do not end");
  }
}

function names(dicts: readonly DictInfo[]): string[] {
  return dicts.map(({ name }) => name);
}

/** Which dictionaries are listed, in which order and in which pages. */
export const listingCases: readonly SuiteCase[] = [
  {
    title: "an environment without dictionaries lists none",
    async run({ service }) {
      assert.deepEqual(await service.listDicts({ environment: "", maxObjects: 0 }), []);
      const page = { environment: "main", maxObjects: 100, createdBeforeSeconds: Date.now() / 1000 };
      assert.deepEqual(await service.listDicts(page), []);
    },
  },
  {
    title: "named dictionaries are listed newest first, as they are described by name",
    async run({ service }) {
      const first = await createDict(service, "first");
      await createEphemeral(service);
      const second = await createDict(service, "second");
      assert.deepEqual(await service.listDicts({ environment: "", maxObjects: 0 }), [second, first]);
    },
  },
  {
    title: "maxObjects bounds a page and 0 does not",
    async run({ service }) {
      const created = (await createMany(service, 7)).reverse();
      for (const maxObjects of [1, 6, 7, 8]) {
        const listed = await service.listDicts({ environment: "", maxObjects });
        assert.deepEqual(names(listed), created.slice(0, maxObjects));
      }
      assert.deepEqual(names(await service.listDicts({ environment: "", maxObjects: 0 })), created);
    },
  },
  {
    title: "a negative maxObjects is invalid_argument",
    async run({ service }) {
      await rejectsWith("invalid_argument", () => service.listDicts({ environment: "", maxObjects: -1 }));
    },
  },
  {
    title: "250 dictionaries created in one moment are listed page by page, each exactly once",
    async run({ service }) {
      const created = await create250(service);
      const newest = (await service.listDicts({ environment: "", maxObjects: 1 }))[0]!;
      const listed = await listByPages(service, newest.createdAtSeconds + 1e-3, 100);
      assert.deepEqual(names(listed), created);
      assert.deepEqual(names(await listByPages(service, newest.createdAtSeconds + 1e-3, 50)), created);
    },
  },
  {
    title: "250 dictionaries are listed page by page long after their creation",
    needs: ["advance"],
    async run({ service, advance }) {
      const created = await create250(service);
      await advance(3_600_000);
      const newest = (await service.listDicts({ environment: "", maxObjects: 1 }))[0]!;
      const listed = await listByPages(service, newest.createdAtSeconds + 3600, 100);
      assert.deepEqual(names(listed), created);
    },
  },
  {
    title: "createdBeforeSeconds is exclusive",
    needs: ["advance"],
    async run({ service, advance }) {
      const first = await createDict(service, "first");
      await advance(60_000);
      const second = await createDict(service, "second");
      await advance(60_000);
      const listBefore = async (createdBeforeSeconds: number) =>
        names(await service.listDicts({ environment: "", maxObjects: 0, createdBeforeSeconds }));
      assert.deepEqual(await listBefore(second.createdAtSeconds), ["first"]);
      assert.deepEqual(await listBefore(second.createdAtSeconds + 1e-3), ["second", "first"]);
      assert.deepEqual(await listBefore(first.createdAtSeconds), []);
      assert.deepEqual(await listBefore(first.createdAtSeconds + 1), ["first"]);
    },
  },
  {
    title: "a client whose clock is a little behind or far ahead sees what was just created",
    async run({ service }) {
      const { createdAtSeconds } = await createDict(service, "new");
      for (const offsetSeconds of [-2, -0.5, 0.001, 10, 1e6]) {
        const createdBeforeSeconds = createdAtSeconds + offsetSeconds;
        const listed = await service.listDicts({ environment: "", maxObjects: 100, createdBeforeSeconds });
        assert.deepEqual(names(listed), ["new"], `offset ${offsetSeconds} s`);
      }
    },
  },
  {
    title: "a deleted dictionary is not listed",
    async run({ service }) {
      await createMany(service, 3);
      const [, middle] = await service.listDicts({ environment: "", maxObjects: 0 });
      await service.deleteDict(middle!.dictId);
      const listed = await service.listDicts({ environment: "", maxObjects: 0 });
      assert.deepEqual(names(listed), ["dict-2", "dict-0"]);
    },
  },
];
