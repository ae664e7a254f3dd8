import { join } from "node:path";
import type { DictService, Entry } from "@everdict/protocol";
import { laterOperations } from "./later-operations.ts";
import { big, key, largestKeys, nextName, numbered, type Row } from "./setting.ts";

/** Reads a stream to its end. */
async function drain(stream: AsyncIterable<readonly Entry[]>): Promise<number> {
  let count = 0;
  for await (const batch of stream) count += batch.length;
  return count;
}

const both = { keys: true, values: true };
/** For every operation of the service. The compiler refuses this table when one has no row. */
export const operations: Readonly<Record<keyof DictService, Readonly<Record<string, Row>>>> = {
  get: {
    "a value of the largest size": async ({ service, withLargeValue }) => {
      const { dictId } = await withLargeValue();
      return () => service.get(dictId, big);
    },
    "several values of the largest size": async ({ service, withLargeValue, sizes }) => {
      const { dictId } = await withLargeValue();
      return async () => {
        for (let round = 0; round < 2; round++) {
          await Promise.all(Array.from({ length: sizes.valuesAtOnce }, () => service.get(dictId, big)));
        }
      };
    },
    "a key of the largest size": async ({ service, dict, sizes }) => {
      const { dictId } = await dict();
      return () => service.get(dictId, new Uint8Array(sizes.keyBytes));
    },
  },
  contains: {
    "a key of the largest size": async ({ service, dict, sizes }) => {
      const { dictId } = await dict();
      return () => service.contains(dictId, new Uint8Array(sizes.keyBytes));
    },
  },
  len: {
    "of many entries": async ({ service, filled, sizes }) => {
      const { dictId } = await filled(sizes.entries);
      return () => service.len(dictId);
    },
  },
  update: {
    "a value of the largest size": async ({ service, dict, largeValue }) => {
      const { dictId } = await dict();
      return () => service.update(dictId, [{ key: big, value: largeValue }]);
    },
    "the most entries": async ({ service, dict, sizes }) => {
      const { dictId } = await dict();
      const entries = numbered(sizes.requestEntries);
      return () => service.update(dictId, entries);
    },
    "the most entries, as large as a request may be": async ({ service, dict, sizes }) => {
      const { dictId } = await dict();
      const entries = numbered(sizes.requestEntries, 0, Math.floor(sizes.valueBytes / sizes.requestEntries));
      return () => service.update(dictId, entries);
    },
    "keys of the largest size": async ({ service, dict, sizes }) => {
      const { dictId } = await dict();
      const entries = largestKeys(sizes).map((key) => ({ key, value: new Uint8Array(0) }));
      return () => service.update(dictId, entries);
    },
    "over a value of the largest size": async ({ service, withLargeValue, largeValue }) => {
      const { dictId } = await withLargeValue();
      return () => service.update(dictId, [{ key: big, value: largeValue }]);
    },
  },
  putIfAbsent: {
    "a value of the largest size": async ({ service, dict, largeValue }) => {
      const { dictId } = await dict();
      return () => service.putIfAbsent(dictId, big, largeValue);
    },
  },
  pop: {
    "a value of the largest size": async ({ service, withLargeValue }) => {
      const { dictId } = await withLargeValue();
      return () => service.pop(dictId, big, { idempotencyKey: nextName() });
    },
  },
  remove: {
    "a value of the largest size": async ({ service, withLargeValue }) => {
      const { dictId } = await withLargeValue();
      return () => service.remove(dictId, big, { idempotencyKey: nextName() });
    },
  },
  clear: {
    "of many entries": async ({ service, filled, sizes }) => {
      const { dictId } = await filled(sizes.entries);
      return () => service.clear(dictId);
    },
  },
  contents: {
    "of many entries": async ({ service, filled, sizes }) => {
      const { dictId } = await filled(sizes.entries);
      return () => drain(service.contents(dictId, both));
    },
    "of many entries, keys only": async ({ service, filled, sizes }) => {
      const { dictId } = await filled(sizes.entries);
      return () => drain(service.contents(dictId, { keys: true, values: false }));
    },
    "of values of the largest size": async ({ service, withLargeValue, largeValue }) => {
      const { dictId } = await withLargeValue();
      await service.update(dictId, [{ key: key("other"), value: largeValue }]);
      return () => drain(service.contents(dictId, both));
    },
  },
  ...laterOperations,
  getOrCreateDict: {
    "with the most entries": async ({ service, sizes }) => {
      const data = numbered(sizes.requestEntries, 0, Math.floor(sizes.valueBytes / sizes.requestEntries));
      return () =>
        service.getOrCreateDict({ mode: "createIfMissing", environment: "", name: nextName(), data });
    },
    "with a value of the largest size": async ({ service, largeValue }) => {
      const data = [{ key: big, value: largeValue }];
      return () =>
        service.getOrCreateDict({ mode: "createIfMissing", environment: "", name: nextName(), data });
    },
    "among many": async ({ crowded: { service } }) => {
      return () => service.getOrCreateDict({ mode: "createIfMissing", environment: "", name: nextName() });
    },
  },
  getDictById: {
    "among many": async ({ service, dict }) => {
      const { dictId } = await dict();
      return () => service.getDictById(dictId);
    },
  },
  deleteDict: {
    "of many entries": async ({ service, filled, sizes }) => {
      const { dictId } = await filled(sizes.entries);
      return () => service.deleteDict(dictId);
    },
  },
  listDicts: {
    "all of many": async ({ crowded: { service } }) => {
      return () => service.listDicts({ environment: "", maxObjects: 0 });
    },
    "a page of many, from the middle": async ({ crowded: { service } }) => {
      const environment = "";
      const all = await service.listDicts({ environment, maxObjects: 0 });
      const createdBeforeSeconds = all[Math.floor(all.length / 2)]!.createdAtSeconds;
      return () => service.listDicts({ environment, maxObjects: 100, createdBeforeSeconds });
    },
    "all of many, before a time that is now": async ({ crowded: { service } }) => {
      return () =>
        service.listDicts({ environment: "", maxObjects: 0, createdBeforeSeconds: Date.now() / 1000 });
    },
  },
  heartbeat: {
    "of one": async ({ service }) => {
      const { dictId } = await service.getOrCreateDict({ mode: "ephemeral", environment: "" });
      return () => service.heartbeat(dictId);
    },
  },
  listEnvironments: {
    all: async ({ service }) => {
      return () => service.listEnvironments();
    },
  },
  getOrCreateEnvironment: {
    "a new one": async ({ service }) => {
      return () => service.getOrCreateEnvironment(nextName(), "createIfMissing");
    },
  },
  updateEnvironment: {
    "the name of one with many dictionaries": async ({ crowded: { service } }) => {
      return () => service.updateEnvironment({ currentName: "main", webSuffix: nextName() });
    },
  },
  deleteEnvironment: {
    "with a dictionary of many entries": async ({ service, sizes }) => {
      const environment = nextName();
      await service.getOrCreateEnvironment(environment, "createIfMissing");
      const { dictId } = await service.getOrCreateDict({
        mode: "createIfMissing",
        environment,
        name: "many",
      });
      await fill(service, dictId, sizes.entries, sizes.requestEntries);
      return () => service.deleteEnvironment(environment);
    },
    "with many dictionaries": async ({ service, sizes }) => {
      const environment = nextName();
      await service.getOrCreateEnvironment(environment, "createIfMissing");
      await createDicts(service, environment, sizes.durableDicts);
      return () => service.deleteEnvironment(environment);
    },
  },
};

/** Writes so many small entries. */
export async function fill(
  service: DictService,
  dictId: string,
  count: number,
  requestEntries: number,
): Promise<void> {
  for (let first = 0; first < count; first += requestEntries) {
    await service.update(dictId, numbered(Math.min(requestEntries, count - first), first));
  }
}

/** Creates so many dictionaries. */
export async function createDicts(service: DictService, environment: string, count: number): Promise<void> {
  const together = 1000;
  for (let first = 0; first < count; first += together) {
    const names = Array.from(
      { length: Math.min(together, count - first) },
      (_, index) => `d${first + index}`,
    );
    await Promise.all(
      names.map((name) => service.getOrCreateDict({ mode: "createIfMissing", environment, name })),
    );
  }
}

/** Work of the server that no client asks for. */
export const upkeep: Readonly<Record<string, Row>> = {
  "a sweep of many entries": async ({ server, service, sizes }) => {
    const { dictId } = await service.getOrCreateDict({
      mode: "createIfMissing",
      environment: "",
      name: nextName(),
      expiry: { policy: "afterWrite", ttlMs: 1000 },
    });
    await fill(service, dictId, sizes.entries, sizes.requestEntries);
    await server.ask("advance", 2000);
    return () => server.ask("sweep");
  },
  "a sweep of many ephemeral dictionaries": async ({ server, service, sizes }) => {
    for (let left = sizes.durableDicts; left > 0; left -= 1000) {
      const create = () => service.getOrCreateDict({ mode: "ephemeral", environment: "" });
      await Promise.all(Array.from({ length: Math.min(left, 1000) }, create));
    }
    await server.ask("advance", 3_600_000);
    return () => server.ask("sweep");
  },
  "a backup of many entries": async ({ server, filled, sizes }) => {
    await filled(sizes.entries);
    return () => server.ask("backup", join(server.backups, nextName()));
  },
  "compaction after a clear": async ({ service, filled, sizes }) => {
    const { dictId } = await filled(sizes.entries);
    return async () => {
      await service.clear(dictId);
      await fill(service, dictId, sizes.entries, sizes.requestEntries);
    };
  },
  "forgetting many recorded answers": async ({ server, service, dict, sizes }) => {
    const { dictId } = await dict();
    for (let first = 0; first < sizes.entries / 2; first += 5000) {
      const puts = numbered(5000, first, 1).map(({ key, value }) =>
        service.putIfAbsent(dictId, key, value, { idempotencyKey: nextName() }),
      );
      await Promise.all(puts);
    }
    await server.ask("advance", 300_000);
    return () => server.ask("sweep");
  },
};
