import assert from "node:assert/strict";
import {
  collect,
  createDict,
  createEphemeral,
  entry,
  getText,
  lookup,
  put,
  rejectsWith,
  text,
} from "./subject-helpers.ts";
import type { SuiteCase } from "./suite-case.ts";

/** Finding, creating, describing and deleting dictionaries. */
export const dictionaryCases: readonly SuiteCase[] = [
  {
    title: "a dictionary id is `di-` and 22 base-62 characters, another one each time",
    async run({ service }) {
      const ids = new Set<string>();
      for (let index = 0; index < 20; index++) {
        const { dictId } = await createDict(service, `dict-${index}`);
        assert.match(dictId, /^di-[0-9A-Za-z]{22}$/);
        ids.add(dictId);
      }
      ids.add((await createEphemeral(service)).dictId);
      assert.equal(ids.size, 21);
    },
  },
  {
    title: "looking up a name that is not there is dict_not_found with the name and the environment",
    async run({ service }) {
      const wanted = /^Dict 'x' not found in environment 'main'$/;
      await rejectsWith("dict_not_found", () => lookup(service, "x"), wanted);
      await rejectsWith("dict_not_found", () => lookup(service, "x", "main"), wanted);
      assert.deepEqual(await service.listDicts({ environment: "", maxObjects: 0 }), []);
    },
  },
  {
    title: "an unknown environment is environment_not_found whatever its spelling",
    async run({ service }) {
      for (const environment of ["nowhere", "x", "-", "two words", "en-dev", "e".repeat(200), "\n"]) {
        for (const mode of ["lookup", "createIfMissing", "createFailIfExists"] as const) {
          const call = () => service.getOrCreateDict({ mode, environment, name: "x" });
          await rejectsWith("environment_not_found", call, /^Environment '/);
        }
        await rejectsWith("environment_not_found", () => createEphemeral(service, { environment }));
        await rejectsWith("environment_not_found", () => service.listDicts({ environment, maxObjects: 0 }));
      }
      await rejectsWith(
        "environment_not_found",
        () => lookup(service, "x", "nowhere"),
        /^Environment 'nowhere' not found$/,
      );
    },
  },
  {
    title: "an empty environment means the default one",
    async run({ service }) {
      const created = await createDict(service, "jobs");
      assert.deepEqual(await lookup(service, "jobs", "main"), created);
      assert.deepEqual(await lookup(service, "jobs", ""), created);
    },
  },
  {
    title: "createIfMissing answers the same dictionary every time",
    async run({ service }) {
      const request = { mode: "createIfMissing", environment: "", name: "jobs" } as const;
      const first = await service.getOrCreateDict(request);
      assert.deepEqual(await service.getOrCreateDict(request), first);
      assert.deepEqual(await lookup(service, "jobs"), first);
    },
  },
  {
    title: "createFailIfExists is dict_exists for a name that is there, and changes nothing",
    async run({ service }) {
      const first = await createDict(service, "jobs", { data: [entry("a", "1")] });
      const again = () => createDict(service, "jobs", { data: [entry("a", "2"), entry("b", "2")] });
      await rejectsWith("dict_exists", again, /jobs/);
      assert.deepEqual(await lookup(service, "jobs"), first);
      assert.equal(await getText(service, first.dictId, "a"), "1");
      assert.equal(await service.len(first.dictId), 1);
    },
  },
  {
    title: "initial data is there at once, and of equal keys the last wins",
    async run({ service }) {
      const data = [entry("a", "1"), entry("b", "2"), entry("a", "3")];
      const { dictId } = await createDict(service, "jobs", { data });
      assert.equal(await service.len(dictId), 2);
      assert.equal(await getText(service, dictId, "a"), "3");
      assert.equal(await getText(service, dictId, "b"), "2");
    },
  },
  {
    title: "initial data is applied only by the call that creates",
    async run({ service }) {
      const request = { mode: "createIfMissing", environment: "", name: "jobs" } as const;
      const { dictId } = await service.getOrCreateDict({ ...request, data: [entry("a", "1")] });
      await put(service, dictId, "a", "changed");
      await service.getOrCreateDict({ ...request, data: [entry("a", "2"), entry("b", "2")] });
      const entries = await collect(service, dictId);
      assert.deepEqual(
        entries.map(({ key, value }) => [text(key), text(value)]),
        [["a", "changed"]],
      );
      await service.getOrCreateDict({ ...request, mode: "lookup", data: [entry("c", "3")] });
      assert.equal(await service.len(dictId), 1);
    },
  },
  {
    title: "a description by id equals the one by name",
    async run({ service }) {
      const created = await createDict(service, "jobs");
      assert.equal(created.name, "jobs");
      assert.ok(created.createdAtSeconds > 0);
      assert.notEqual(created.createdBy, "");
      assert.deepEqual(await service.getDictById(created.dictId), created);
    },
  },
  {
    title: "a dictionary says who created it",
    needs: ["otherCaller"],
    async run({ service, otherCaller }) {
      const mine = await createDict(service, "mine");
      const theirs = await createDict(otherCaller, "theirs");
      assert.notEqual(mine.createdBy, theirs.createdBy);
      assert.equal((await lookup(otherCaller, "mine")).createdBy, mine.createdBy);
    },
  },
  {
    title: "a deleted name is free, and created again it has a new id and none of the old entries",
    async run({ service }) {
      const first = await createDict(service, "jobs", { data: [entry("a", "1")] });
      await service.deleteDict(first.dictId);
      await rejectsWith("dict_not_found", () => lookup(service, "jobs"));
      const second = await createDict(service, "jobs");
      assert.notEqual(second.dictId, first.dictId);
      assert.ok(second.createdAtSeconds > first.createdAtSeconds);
      assert.equal(await service.len(second.dictId), 0);
      assert.equal(await getText(service, second.dictId, "a"), undefined);
      await rejectsWith("dict_not_found", () => service.get(first.dictId, entry("a", "").key));
    },
  },
  {
    title: "creation times of one environment strictly increase",
    async run({ service }) {
      let lastSeconds = 0;
      for (let index = 0; index < 50; index++) {
        const { createdAtSeconds } = await createDict(service, `dict-${index}`);
        assert.ok(createdAtSeconds > lastSeconds);
        lastSeconds = createdAtSeconds;
      }
    },
  },
];
