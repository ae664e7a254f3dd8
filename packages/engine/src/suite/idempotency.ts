import assert from "node:assert/strict";
import {
  createDict,
  createEphemeral,
  dictWith,
  entry,
  getText,
  lookup,
  popText,
  put,
  putIfNew,
  rejectsWith,
} from "./subject-helpers.ts";
import type { SuiteCase } from "./suite-case.ts";

const first = { idempotencyKey: "5f0c6ad6-7d6a-4f57-9a0b-0a4b2a6f4a01" };
const second = { idempotencyKey: "5f0c6ad6-7d6a-4f57-9a0b-0a4b2a6f4a02" };

/** A repeat under the same key answers what the first attempt answered. */
export const idempotencyCases: readonly SuiteCase[] = [
  {
    title: "a repeated pop answers the same value and removes nothing more",
    async run({ service }) {
      const dictId = await dictWith(service, entry("a", "1"));
      assert.equal(await popText(service, dictId, "a", first), "1");
      await put(service, dictId, "a", "2");
      assert.equal(await popText(service, dictId, "a", first), "1");
      assert.equal(await getText(service, dictId, "a"), "2");
      assert.equal(await popText(service, dictId, "a", second), "2");
      assert.equal(await popText(service, dictId, "a", second), "2");
      assert.equal(await popText(service, dictId, "a"), undefined);
    },
  },
  {
    title: "a repeated pop that found nothing finds nothing",
    async run({ service }) {
      const dictId = await dictWith(service);
      assert.equal(await popText(service, dictId, "a", first), undefined);
      await put(service, dictId, "a", "1");
      assert.equal(await popText(service, dictId, "a", first), undefined);
      assert.equal(await getText(service, dictId, "a"), "1");
    },
  },
  {
    title: "a repeated conditional put answers true to its owner and false to others",
    async run({ service }) {
      const dictId = await dictWith(service);
      assert.equal(await putIfNew(service, dictId, "lock", "mine", first), true);
      assert.equal(await putIfNew(service, dictId, "lock", "mine", first), true);
      assert.equal(await putIfNew(service, dictId, "lock", "yours", second), false);
      await service.pop(dictId, entry("lock", "").key);
      assert.equal(await putIfNew(service, dictId, "lock", "yours", second), false);
      assert.equal(await putIfNew(service, dictId, "lock", "mine", first), true);
      assert.equal(await service.len(dictId), 0);
    },
  },
  {
    title: "repeats under way at the same time are one call",
    async run({ service }) {
      const dictId = await dictWith(service, entry("a", "1"));
      const pops = await Promise.all(Array.from({ length: 16 }, () => popText(service, dictId, "a", first)));
      assert.deepEqual(pops, Array(16).fill("1"));
      const puts = await Promise.all(
        Array.from({ length: 16 }, () => putIfNew(service, dictId, "lock", "mine", first)),
      );
      assert.deepEqual(puts, Array(16).fill(true));
      const created = await Promise.all(
        Array.from({ length: 16 }, () => createDict(service, "jobs", {}, first)),
      );
      assert.equal(new Set(created.map((info) => info.dictId)).size, 1);
    },
  },
  {
    title: "one key serves pop and conditional put without confusion",
    async run({ service }) {
      const dictId = await dictWith(service, entry("a", "1"));
      assert.equal(await popText(service, dictId, "a", first), "1");
      assert.equal(await putIfNew(service, dictId, "a", "2", first), true);
      assert.equal(await getText(service, dictId, "a"), "2");
    },
  },
  {
    title: "one key on two dictionaries is two calls",
    async run({ service }) {
      const one = await createDict(service, "one", { data: [entry("a", "1")] });
      const two = await createDict(service, "two", { data: [entry("a", "2")] });
      assert.equal(await popText(service, one.dictId, "a", first), "1");
      assert.equal(await popText(service, two.dictId, "a", first), "2");
    },
  },
  {
    title: "two callers' equal keys never meet",
    needs: ["otherCaller"],
    async run({ service, otherCaller }) {
      const dictId = await dictWith(service, entry("a", "secret"));
      assert.equal(await popText(service, dictId, "a", first), "secret");
      assert.equal(await popText(otherCaller, dictId, "a", first), undefined);
      assert.equal(await putIfNew(service, dictId, "lock", "mine", first), true);
      assert.equal(await putIfNew(otherCaller, dictId, "lock", "theirs", first), false);
      await createDict(service, "jobs", {}, first);
      await rejectsWith("dict_exists", () => createDict(otherCaller, "jobs", {}, first));
    },
  },
  {
    title: "a repeated createFailIfExists answers the dictionary it created",
    async run({ service }) {
      const data = [entry("a", "1")];
      const created = await createDict(service, "jobs", { data }, first);
      await put(service, created.dictId, "a", "2");
      assert.deepEqual(await createDict(service, "jobs", { data }, first), created);
      assert.equal(await getText(service, created.dictId, "a"), "2");
      await rejectsWith("dict_exists", () => createDict(service, "jobs", { data }, second));
      await rejectsWith("dict_exists", () => createDict(service, "jobs", { data }));
    },
  },
  {
    title: "a repeated creation of an ephemeral dictionary answers the same one",
    async run({ service }) {
      const created = await createEphemeral(service, {}, first);
      assert.deepEqual(await createEphemeral(service, {}, first), created);
      assert.notEqual((await createEphemeral(service, {}, second)).dictId, created.dictId);
      assert.notEqual((await createEphemeral(service)).dictId, (await createEphemeral(service)).dictId);
    },
  },
  {
    title: "a repeated creation of an environment answers the same one",
    async run({ service }) {
      const created = await service.getOrCreateEnvironment("dev", "createFailIfExists", first);
      assert.deepEqual(await service.getOrCreateEnvironment("dev", "createFailIfExists", first), created);
      await rejectsWith("environment_exists", () =>
        service.getOrCreateEnvironment("dev", "createFailIfExists", second),
      );
    },
  },
  {
    title: "a call under the key of one with other arguments is a conflict and does nothing",
    async run({ service }) {
      // Ephemeral: one shard, where there are shards.
      const data = [entry("a", "1"), entry("b", "2")];
      const { dictId } = await createEphemeral(service, { data });
      assert.equal(await popText(service, dictId, "a", first), "1");
      await rejectsWith("conflict", () => popText(service, dictId, "b", first), /other arguments/);
      assert.equal(await getText(service, dictId, "b"), "2");
      assert.equal(await putIfNew(service, dictId, "lock", "mine", first), true);
      await rejectsWith("conflict", () => putIfNew(service, dictId, "lock", "yours", first));
      await rejectsWith("conflict", () => putIfNew(service, dictId, "other", "mine", first));
      assert.equal(await getText(service, dictId, "other"), undefined);
      const created = await createDict(service, "jobs", { data }, first);
      await rejectsWith("conflict", () => createDict(service, "others", { data }, first));
      await rejectsWith("conflict", () => createDict(service, "jobs", { data: data.slice(1) }, first));
      await rejectsWith("dict_not_found", () => lookup(service, "others"));
      // The first calls have their answers still.
      assert.equal(await popText(service, dictId, "a", first), "1");
      assert.equal(await putIfNew(service, dictId, "lock", "mine", first), true);
      assert.deepEqual(await createDict(service, "jobs", { data }, first), created);
    },
  },
  {
    title: "answers are kept for two minutes at least",
    needs: ["advance", "sweep"],
    async run({ service, advance, sweep }) {
      const dictId = await dictWith(service, entry("a", "1"));
      await popText(service, dictId, "a", first);
      await putIfNew(service, dictId, "lock", "mine", first);
      const created = await createDict(service, "jobs", {}, first);
      await advance(119_999);
      await sweep();
      assert.equal(await popText(service, dictId, "a", first), "1");
      assert.equal(await putIfNew(service, dictId, "lock", "mine", first), true);
      assert.deepEqual(await createDict(service, "jobs", {}, first), created);
    },
  },
  {
    title: "a key of 256 characters is honoured; a longer one is invalid_argument and nothing is done",
    async run({ service }) {
      const dictId = await dictWith(service, entry("a", "1"));
      const longest = { idempotencyKey: "k".repeat(256) };
      const beyond = { idempotencyKey: "k".repeat(257) };
      await rejectsWith("invalid_argument", () => popText(service, dictId, "a", beyond), /257.*256/);
      await rejectsWith("invalid_argument", () => putIfNew(service, dictId, "b", "1", beyond));
      await rejectsWith("invalid_argument", () => createDict(service, "jobs", {}, beyond));
      await rejectsWith("invalid_argument", () => createEphemeral(service, {}, beyond));
      assert.equal(await service.len(dictId), 1);
      assert.equal(await popText(service, dictId, "a", longest), "1");
      assert.equal(await popText(service, dictId, "a", longest), "1");
    },
  },
];
