import assert from "node:assert/strict";
import { type Change, type DictChange, type DictService, EverdictError, ttlMaxMs } from "@everdict/protocol";
import {
  bytes,
  committed,
  createDict,
  dictWith,
  entry,
  getText,
  int,
  plain,
  rejectsWith,
  sortedKeys,
  versionOf,
} from "./subject-helpers.ts";
import type { SuiteCase } from "./suite-case.ts";

const key = bytes("a");
const value = bytes("1");

async function change(service: DictService, dictId: string, ...changes: Change[]) {
  return committed(await service.commit(dictId, { conditions: [], changes }));
}

/** Times to live of single entries. */
export const entryLifeCases: readonly SuiteCase[] = [
  {
    title: "an entry with a time to live of its own ends by it, to the millisecond",
    needs: ["advance"],
    async run({ service, advance }) {
      const dictId = await dictWith(service);
      await service.update(dictId, [{ key, value, ttlMs: 1000 }, entry("b", "2")]);
      await change(service, dictId, { kind: "put", key: bytes("c"), value, ttlMs: 2000 });
      await advance(999);
      assert.equal(await getText(service, dictId, "a"), "1");
      await advance(1);
      assert.equal(await getText(service, dictId, "a"), undefined);
      assert.equal(await service.entry(dictId, key), undefined);
      assert.deepEqual(await service.getMany(dictId, [key]), [undefined]);
      await advance(1000);
      assert.equal(await getText(service, dictId, "c"), undefined);
      assert.equal(await getText(service, dictId, "b"), "2");
    },
  },
  {
    title: "an entry says when it ends, or that it never does",
    needs: ["advance"],
    async run({ service, advance }) {
      const { dictId } = await createDict(service, "subject", {
        expiry: { policy: "afterWrite", ttlMs: 5000 },
      });
      await service.update(dictId, [
        { key, value, ttlMs: 1000 },
        { ...entry("b", "2"), ttlMs: null },
        entry("c", "3"),
      ]);
      const end = async (name: string) => (await service.entry(dictId, bytes(name)))!.expiresAtMs;
      const endMs = (await end("a"))!;
      assert.equal(await end("b"), undefined);
      assert.equal(await end("c"), endMs + 4000);
      await advance(10);
      await service.update(dictId, [{ key, value, ttlMs: 1000 }]);
      assert.equal(await end("a"), endMs + 10);
    },
  },
  {
    title: "a write without a time to live goes back to what the policy says",
    needs: ["advance"],
    async run({ service, advance }) {
      const { dictId } = await createDict(service, "subject", { expiry: { policy: "never" } });
      await service.update(dictId, [{ key, value, ttlMs: 1000 }]);
      await service.update(dictId, [{ key, value }]);
      await advance(ttlMaxMs);
      assert.equal(await getText(service, dictId, "a"), "1");
    },
  },
  {
    title: "a touch moves the end and keeps value and version; of an absent entry it answers none",
    needs: ["advance"],
    async run({ service, advance }) {
      const dictId = await dictWith(service);
      await service.update(dictId, [{ key, value, ttlMs: 1000 }]);
      const version = await versionOf(service, dictId, "a");
      await advance(999);
      assert.equal((await change(service, dictId, { kind: "touch", key, ttlMs: 1000 }))[0]!.version, version);
      await advance(999);
      assert.equal(await versionOf(service, dictId, "a"), version);
      await change(service, dictId, { kind: "touch", key, ttlMs: null });
      await advance(ttlMaxMs);
      assert.equal(await getText(service, dictId, "a"), "1");
      await change(service, dictId, { kind: "touch", key, ttlMs: 1 });
      await advance(1);
      assert.equal(
        (await change(service, dictId, { kind: "touch", key, ttlMs: 1000 }))[0]!.version,
        undefined,
      );
      assert.equal(await service.contains(dictId, key), false);
    },
  },
  {
    title: "an addition gives a time to live to what it creates, and moves no end",
    needs: ["advance"],
    async run({ service, advance }) {
      const dictId = await dictWith(service);
      const add = { kind: "add", key, by: int(1), ttlOnCreateMs: 1000 } as const;
      await change(service, dictId, add);
      await advance(999);
      assert.deepEqual(plain((await change(service, dictId, add))[0]!.value), int(2));
      await advance(1);
      assert.deepEqual(plain((await change(service, dictId, add))[0]!.value), int(1));
    },
  },
  {
    title: "under afterUse a use renews an entry by its own time to live",
    needs: ["advance"],
    async run({ service, advance }) {
      const { dictId } = await createDict(service, "subject", {
        expiry: { policy: "afterUse", ttlMs: 100_000 },
      });
      await service.update(dictId, [{ key, value, ttlMs: 1000 }]);
      for (let uses = 0; uses < 3; uses++) {
        await advance(999);
        assert.equal(await getText(service, dictId, "a"), "1");
        // Where several servers share a store, another one learns of a use a moment later.
        for (let reads = 0; reads < 4; reads++) assert.deepEqual(await sortedKeys(service, dictId), ["a"]);
      }
      await advance(1063);
      assert.equal(await getText(service, dictId, "a"), undefined);
    },
  },
  {
    title: "a time to live that cannot be is invalid_argument and nothing is written",
    async run({ service }) {
      const dictId = await dictWith(service);
      for (const ttlMs of [0, -1, 0.5, Number.NaN, ttlMaxMs + 1]) {
        const entries = [entry("b", "2"), { key, value, ttlMs }];
        await rejectsWith("invalid_argument", () => service.update(dictId, entries), /ttlMs is/);
      }
      assert.equal(await service.len(dictId), 0);
    },
  },
  {
    title: "another policy holds for what is written from then on, or is refused and changes nothing",
    needs: ["advance"],
    async run({ service, advance }) {
      const { dictId } = await createDict(service, "subject", { expiry: { policy: "never" } });
      await service.update(dictId, [entry("old", "1")]);
      const expiry = { policy: "afterWrite", ttlMs: 1000 } as const;
      const isChanged = await changesOrRefuses(service, dictId, { expiry });
      const has = isChanged ? expiry : { policy: "never" };
      assert.deepEqual((await service.getDictById(dictId)).expiry, has);
      await service.update(dictId, [entry("new", "2")]);
      await advance(1000);
      assert.equal(await getText(service, dictId, "new"), isChanged ? undefined : "2");
      assert.equal(await getText(service, dictId, "old"), "1");
    },
  },
  {
    title: "a set-up that cannot be is invalid_argument and changes nothing",
    async run({ service }) {
      const before = await service.getDictById(await dictWith(service));
      const configure = (change: object) => service.configureDict(before.dictId, change);
      const tooLong = { policy: "afterUse", ttlMs: ttlMaxMs + 1 };
      await rejectsWith("invalid_argument", () => configure({ expiry: tooLong }), /ttlMs/);
      await rejectsWith("invalid_argument", () => configure({ durability: "someday" }), /someday/);
      for (const shards of [0, 1025, 1.5]) {
        await rejectsWith(
          "invalid_argument",
          () => createDict(service, "shards", { shards }),
          /from 1 to 1024/,
        );
      }
      const { expiry, durability } = await service.getDictById(before.dictId);
      assert.deepEqual({ expiry, durability }, { expiry: before.expiry, durability: before.durability });
      assert.deepEqual((await configure({})).dictId, before.dictId);
    },
  },
];

/** Whether the set-up was changed: some stores refuse that. */
async function changesOrRefuses(service: DictService, dictId: string, change: DictChange): Promise<boolean> {
  try {
    const { expiry } = await service.configureDict(dictId, change);
    assert.deepEqual(expiry, change.expiry);
    return true;
  } catch (caught) {
    assert.ok(caught instanceof EverdictError && caught.code === "unsupported", String(caught));
    return false;
  }
}
