import assert from "node:assert/strict";
import type { DictService } from "@everdict/protocol";
import { createEphemeral, entry, getText, put, rejectsWith } from "./subject-helpers.ts";
import { type SuiteCase, suiteDefaults } from "./suite-case.ts";

const graceMs = suiteDefaults.ephemeralGraceMs;

async function isGone(service: DictService, dictId: string): Promise<void> {
  await rejectsWith("dict_not_found", () => service.len(dictId));
  await rejectsWith("dict_not_found", () => service.getDictById(dictId));
  await rejectsWith("dict_not_found", () => service.update(dictId, [entry("a", "1")]));
  await rejectsWith("dict_not_found", () => service.heartbeat(dictId));
}

/** Anonymous dictionaries that live as long as somebody says so. */
export const ephemeralCases: readonly SuiteCase[] = [
  {
    title: "an ephemeral dictionary has an id and no name, and is never listed",
    async run({ service }) {
      const data = [entry("a", "1")];
      const created = await createEphemeral(service, { data });
      assert.equal(created.name, "");
      assert.deepEqual(await service.getDictById(created.dictId), created);
      assert.equal(await getText(service, created.dictId, "a"), "1");
      assert.notEqual((await createEphemeral(service)).dictId, created.dictId);
      assert.deepEqual(await service.listDicts({ environment: "", maxObjects: 0 }), []);
    },
  },
  {
    title: "an ephemeral dictionary can be deleted at once",
    async run({ service }) {
      const { dictId } = await createEphemeral(service);
      await service.deleteDict(dictId);
      await isGone(service, dictId);
    },
  },
  {
    title: "an ephemeral dictionary without heartbeats is gone after the grace, swept or not",
    needs: ["advance", "sweep"],
    async run({ service, advance, sweep }) {
      const { dictId } = await createEphemeral(service, { data: [entry("a", "1")] });
      await advance(graceMs - 1);
      assert.equal(await getText(service, dictId, "a"), "1");
      await sweep();
      assert.equal(await getText(service, dictId, "a"), "1");
      await advance(1);
      await isGone(service, dictId);
      await sweep();
      await isGone(service, dictId);
    },
  },
  {
    title: "each heartbeat gives an ephemeral dictionary the grace anew",
    needs: ["advance", "sweep"],
    async run({ service, advance, sweep }) {
      const { dictId } = await createEphemeral(service);
      await service.heartbeat(dictId);
      for (let beat = 0; beat < 10; beat++) {
        await advance(graceMs - 1);
        await service.heartbeat(dictId);
        await sweep();
      }
      await put(service, dictId, "a", "1");
      await advance(graceMs);
      await isGone(service, dictId);
    },
  },
  {
    title: "use alone does not keep an ephemeral dictionary",
    needs: ["advance"],
    async run({ service, advance }) {
      const { dictId } = await createEphemeral(service);
      await advance(graceMs - 1);
      await put(service, dictId, "a", "1");
      assert.equal(await getText(service, dictId, "a"), "1");
      await advance(1);
      await isGone(service, dictId);
    },
  },
  {
    title: "a heartbeat has no effect on a named dictionary",
    needs: ["advance", "sweep"],
    async run({ service, advance, sweep }) {
      const request = { mode: "createIfMissing", environment: "", name: "jobs" } as const;
      const { dictId } = await service.getOrCreateDict(request);
      await service.heartbeat(dictId);
      await advance(2 * graceMs);
      await sweep();
      assert.equal((await service.getOrCreateDict(request)).dictId, dictId);
      assert.equal(await service.len(dictId), 0);
    },
  },
];
