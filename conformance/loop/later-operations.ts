import type { CommitRequest, DictService } from "@everdict/protocol";
import { big, key, largestKeys, nextName, numbered, type Row } from "./setting.ts";

/** The pickle of 1 as CPython writes it. */
const one = Uint8Array.of(0x80, 4, 0x4b, 1, 0x2e);

type LaterMethod = "commit" | "entry" | "getMany" | "removeMany" | "page" | "stats" | "configureDict";

/** Of many keys, each absent: a put of so many bytes. */
function putsOf(count: number, valueBytes: number): CommitRequest {
  const entries = numbered(count, 0, valueBytes);
  return {
    conditions: entries.map(({ key }) => ({ key, expected: "absent" })),
    changes: entries.map(({ key, value }) => ({ kind: "put", key, value, ttlMs: 3_600_000 })),
  };
}

/** For the operations beyond Modal's. */
export const laterOperations: Pick<
  Readonly<Record<keyof DictService, Readonly<Record<string, Row>>>>,
  LaterMethod
> = {
  commit: {
    "a value of the largest size": async ({ service, dict, largeValue }) => {
      const { dictId } = await dict();
      const put = { kind: "put", key: big, value: largeValue } as const;
      return () => service.commit(dictId, { conditions: [], changes: [put] });
    },
    "the most conditions and puts": async ({ service, dict, sizes }) => {
      const { dictId } = await dict();
      const request = putsOf(sizes.requestEntries, 20);
      return () => service.commit(dictId, request);
    },
    "the most puts, as large as a request may be": async ({ service, dict, sizes }) => {
      const { dictId } = await dict();
      const request = putsOf(sizes.requestEntries, Math.floor(sizes.valueBytes / sizes.requestEntries) - 100);
      return () => service.commit(dictId, request);
    },
    "puts and conditions under keys of the largest size": async ({ service, dict, sizes }) => {
      const { dictId } = await dict();
      const keys = largestKeys(sizes);
      const [first, second] = [keys.slice(0, keys.length / 2), keys.slice(keys.length / 2)];
      const changes = first.map((key) => ({ kind: "put", key, value: one }) as const);
      const conditions = second.map((key) => ({ key, expected: "absent" }) as const);
      return () => service.commit(dictId, { conditions, changes });
    },
    "the most additions": async ({ service, dict, sizes }) => {
      const { dictId } = await dict();
      const changes = numbered(sizes.requestEntries).map(
        ({ key }) => ({ kind: "add", key, by: one, min: one, max: one }) as const,
      );
      return () => service.commit(dictId, { conditions: [], changes });
    },
  },
  entry: {
    "a value of the largest size": async ({ service, withLargeValue }) => {
      const { dictId } = await withLargeValue();
      return () => service.entry(dictId, big);
    },
  },
  getMany: {
    "the most keys": async ({ service, filled, sizes }) => {
      const { dictId } = await filled(sizes.requestEntries);
      const keys = numbered(sizes.requestEntries).map(({ key }) => key);
      return () => service.getMany(dictId, keys);
    },
    "keys of the largest size": async ({ service, dict, sizes }) => {
      const { dictId } = await dict();
      const keys = largestKeys(sizes);
      await service.update(
        dictId,
        keys.map((key) => ({ key, value: one })),
      );
      return () => service.getMany(dictId, keys);
    },
    "a value of the largest size behind small ones": async ({ service, withLargeValue, sizes }) => {
      const { dictId } = await withLargeValue();
      await service.update(dictId, numbered(1000));
      const keys = numbered(sizes.requestEntries - 1).map(({ key }) => key);
      return () => service.getMany(dictId, [...keys, big]);
    },
  },
  removeMany: {
    "the most keys": async ({ service, filled, sizes }) => {
      const { dictId } = await filled(sizes.requestEntries);
      const keys = numbered(sizes.requestEntries).map(({ key }) => key);
      return () => service.removeMany(dictId, keys, { idempotencyKey: nextName() });
    },
    "keys of the largest size": async ({ service, dict, sizes }) => {
      const { dictId } = await dict();
      const keys = largestKeys(sizes);
      await service.update(
        dictId,
        keys.map((key) => ({ key, value: one })),
      );
      return () => service.removeMany(dictId, keys, { idempotencyKey: nextName() });
    },
  },
  page: {
    "as large as one may be": async ({ service, filled, sizes }) => {
      const { dictId } = await filled(sizes.entries);
      return () => service.page(dictId, { limit: sizes.requestEntries, values: true });
    },
    "of many entries of which none matches": async ({ service, filled, sizes }) => {
      const { dictId } = await filled(sizes.entries);
      const match = [[{ offset: 0, bytes: key("no key") }]];
      return () => service.page(dictId, { match, limit: sizes.requestEntries, values: true });
    },
    "of values of the largest size": async ({ service, withLargeValue }) => {
      const { dictId } = await withLargeValue();
      return () => service.page(dictId, { limit: 1, values: true });
    },
  },
  stats: {
    "of many entries": async ({ service, filled, sizes }) => {
      const { dictId } = await filled(sizes.entries);
      return () => service.stats(dictId);
    },
  },
  configureDict: {
    "of many entries": async ({ service, filled, sizes }) => {
      const { dictId } = await filled(sizes.entries);
      return () => service.configureDict(dictId, { expiry: { policy: "afterWrite", ttlMs: 3_600_000 } });
    },
  },
};
