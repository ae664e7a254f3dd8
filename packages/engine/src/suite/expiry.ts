import assert from "node:assert/strict";
import type { ExpiryPolicy } from "@everdict/protocol";
import {
  bytes,
  createDict,
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

const dayMs = 24 * 60 * 60 * 1000;

const refused: readonly ExpiryPolicy[] = [
  { policy: "afterWrite", ttlMs: -1 },
  { policy: "afterUse", ttlMs: Number.POSITIVE_INFINITY },
  { policy: "afterWrite", ttlMs: Number.NaN },
  { policy: "afterWrite", ttlMs: 101 * 365 * dayMs },
];

/** When entries go, to the millisecond. */
export const expiryCases: readonly SuiteCase[] = [
  {
    title: "by default an entry written at t expires at t + 30 days exactly",
    needs: ["advance"],
    async run({ service, advance }) {
      const dictId = await dictWith(service, entry("initial", "1"));
      await put(service, dictId, "a", "1");
      await advance(30 * dayMs - 1);
      assert.equal(await getText(service, dictId, "a"), "1");
      assert.equal(await getText(service, dictId, "initial"), "1");
      assert.equal(await service.contains(dictId, bytes("a")), true);
      assert.deepEqual(await sortedKeys(service, dictId), ["a", "initial"]);
      await advance(1);
      assert.equal(await getText(service, dictId, "a"), undefined);
      assert.equal(await getText(service, dictId, "initial"), undefined);
      assert.equal(await service.contains(dictId, bytes("a")), false);
      assert.deepEqual(await sortedKeys(service, dictId), []);
      assert.equal(await popText(service, dictId, "a"), undefined);
    },
  },
  {
    title: "len still counts expired entries until they are swept",
    needs: ["advance", "sweep"],
    async run({ service, advance, sweep }) {
      const dictId = await dictWith(service, ...numberedEntries(20));
      await advance(dayMs);
      await service.update(dictId, numberedEntries(5, "younger"));
      await advance(29 * dayMs);
      assert.equal(await service.len(dictId), 25);
      assert.equal((await sortedKeys(service, dictId)).length, 5);
      await sweep();
      assert.equal(await service.len(dictId), 5);
      await sweep();
      assert.equal(await service.len(dictId), 5);
      assert.equal(await getText(service, dictId, "younger-3"), "value-3");
    },
  },
  {
    title: "a sweep before the time is due removes nothing",
    needs: ["advance", "sweep"],
    async run({ service, advance, sweep }) {
      const dictId = await dictWith(service, ...numberedEntries(20));
      await advance(30 * dayMs - 1);
      await sweep();
      assert.equal(await service.len(dictId), 20);
      await advance(1);
      await sweep();
      assert.equal(await service.len(dictId), 0);
    },
  },
  {
    title: "putting an entry again renews it",
    needs: ["advance", "sweep"],
    async run({ service, advance, sweep }) {
      const dictId = await dictWith(service, entry("a", "1"), entry("b", "1"));
      await advance(20 * dayMs);
      await put(service, dictId, "a", "2");
      await advance(10 * dayMs);
      await sweep();
      assert.deepEqual(await sortedKeys(service, dictId), ["a"]);
      await advance(20 * dayMs - 1);
      assert.equal(await getText(service, dictId, "a"), "2");
      await advance(1);
      assert.equal(await getText(service, dictId, "a"), undefined);
    },
  },
  {
    title: "reading does not renew an entry that expires after its last write",
    needs: ["advance"],
    async run({ service, advance }) {
      const dictId = await dictWith(service, entry("a", "1"));
      await advance(29 * dayMs);
      assert.equal(await getText(service, dictId, "a"), "1");
      assert.equal(await putIfNew(service, dictId, "a", "2"), false);
      await advance(dayMs);
      assert.equal(await getText(service, dictId, "a"), undefined);
    },
  },
  {
    title: "a conditional put takes the place of an expired entry that is not swept yet",
    needs: ["advance", "sweep"],
    async run({ service, advance, sweep }) {
      const dictId = await dictWith(service, entry("lock", "old"));
      await advance(30 * dayMs);
      assert.equal(await putIfNew(service, dictId, "lock", "new"), true);
      await sweep();
      assert.equal(await getText(service, dictId, "lock"), "new");
      assert.equal(await service.len(dictId), 1);
    },
  },
  {
    title: "afterUse: get renews an entry, contains and iteration do not",
    needs: ["advance"],
    async run({ service, advance }) {
      const expiry = { policy: "afterUse", ttlMs: 7 * dayMs } as const;
      const data = [entry("read", "1"), entry("seen", "1")];
      const { dictId } = await createDict(service, "jobs", { expiry, data });
      await advance(6 * dayMs);
      assert.equal(await getText(service, dictId, "read"), "1");
      assert.equal(await service.contains(dictId, bytes("seen")), true);
      assert.deepEqual(await sortedKeys(service, dictId), ["read", "seen"]);
      // A store may let an entry live up to a sixteenth longer after its last use.
      const slackMs = (7 * dayMs) / 16;
      await advance(dayMs + slackMs);
      assert.deepEqual(await sortedKeys(service, dictId), ["read"]);
      await advance(6 * dayMs - slackMs - 1);
      assert.equal(await service.contains(dictId, bytes("read")), true);
      await advance(1 + slackMs);
      assert.equal(await service.contains(dictId, bytes("read")), false);
    },
  },
  {
    title: "never: entries stay",
    needs: ["advance", "sweep"],
    async run({ service, advance, sweep }) {
      const expiry = { policy: "never" } as const;
      const { dictId } = await createDict(service, "jobs", { expiry, data: [entry("a", "1")] });
      await advance(50 * 365 * dayMs);
      await sweep();
      assert.equal(await getText(service, dictId, "a"), "1");
    },
  },
  {
    title: "a dictionary's own policy counts, it is told, and another one is not granted later",
    needs: ["advance"],
    async run({ service, advance }) {
      const short = { policy: "afterWrite", ttlMs: 1000 } as const;
      const created = await createDict(service, "jobs", { expiry: short });
      const { dictId } = created;
      assert.deepEqual(created.expiry, short);
      assert.deepEqual(await service.getDictById(dictId), created);
      for (const mode of ["createIfMissing", "lookup"] as const) {
        const request = { mode, environment: "", name: "jobs" } as const;
        assert.deepEqual(await service.getOrCreateDict(request), created);
        assert.deepEqual(await service.getOrCreateDict({ ...request, expiry: short }), created);
        const others = [
          { policy: "never" },
          { ...short, ttlMs: 1001 },
          { ...short, policy: "afterUse" },
        ] as const;
        for (const expiry of others) {
          const said = /'jobs' exists with expiry \{ policy: "afterWrite", ttlMs: 1000 \}, not \{ policy: "/;
          await rejectsWith("conflict", () => service.getOrCreateDict({ ...request, expiry }), said);
        }
      }
      await put(service, dictId, "a", "1");
      await advance(999);
      assert.equal(await getText(service, dictId, "a"), "1");
      await advance(1);
      assert.equal(await getText(service, dictId, "a"), undefined);
    },
  },
  {
    title: "the service's default policy applies where a dictionary has none of its own",
    needs: ["advance"],
    open: { defaultExpiry: { policy: "afterWrite", ttlMs: 5000 } },
    async run({ service, advance }) {
      const plain = await createDict(service, "plain", { data: [entry("a", "1")] });
      const expiry = { policy: "never" } as const;
      const lasting = await createDict(service, "lasting", { expiry, data: [entry("a", "1")] });
      await advance(5000);
      assert.equal(await getText(service, plain.dictId, "a"), undefined);
      assert.equal(await getText(service, lasting.dictId, "a"), "1");
    },
  },
  {
    title: "a policy whose time is not positive, not finite or beyond 100 years is invalid_argument",
    async run({ service }) {
      for (const expiry of refused) {
        await rejectsWith("invalid_argument", () => createDict(service, "jobs", { expiry }));
      }
      assert.deepEqual(await service.listDicts({ environment: "", maxObjects: 0 }), []);
    },
  },
  {
    title: "a sweep of thousands of entries removes exactly those that are due",
    needs: ["advance", "sweep"],
    async run({ service, advance, sweep }) {
      const dictId = await dictWith(service);
      for (let round = 0; round < 10; round++) {
        await service.update(dictId, numberedEntries(500, `old-${round}`));
      }
      await advance(1);
      await service.update(dictId, numberedEntries(100, "young"));
      await advance(30 * dayMs - 1);
      assert.equal(await service.len(dictId), 5100);
      await sweep();
      assert.equal(await service.len(dictId), 100);
      assert.equal((await sortedKeys(service, dictId)).length, 100);
    },
  },
];
