import type { CommitRequest } from "@everdict/protocol";
import { bytes, entry } from "./bytes.ts";
import type { World } from "./world.ts";

/** What an operation is aimed at. */
export interface Target {
  readonly dictId: string;
  readonly environmentId: string;
}

/** One call of the contract, with plausible arguments. */
export interface Operation {
  readonly name: string;
  /** Whose absence makes the call fail. */
  readonly needs: "dict" | "environment" | "nothing";
  readonly call: (world: World, target: Target) => unknown;
}

const key = bytes("a");
const value = bytes("1");
const commit: CommitRequest = {
  conditions: [{ key, expected: "absent" }],
  changes: [{ kind: "put", key, value }],
};

/** Every call of the contract but `close`: traits that hold for all of them are checked over this table. */
export const operations: readonly Operation[] = [
  { name: "listEnvironments", needs: "nothing", call: ({ store }) => store.listEnvironments() },
  { name: "findEnvironment", needs: "nothing", call: ({ store }) => store.findEnvironment("main") },
  {
    name: "createEnvironment",
    needs: "nothing",
    call: (world) => world.store.createEnvironment(world.newId("en"), "another"),
  },
  {
    name: "updateEnvironment",
    needs: "environment",
    call: ({ store }, { environmentId }) => store.updateEnvironment(environmentId, { webSuffix: "suffix" }),
  },
  {
    name: "deleteEnvironment",
    needs: "environment",
    call: ({ store }, { environmentId }) => store.deleteEnvironment(environmentId),
  },
  {
    name: "createDict with a name",
    needs: "environment",
    call: (world, { environmentId }) => world.store.createDict(world.request({ environmentId, name: "one" })),
  },
  {
    name: "createDict without a name",
    needs: "environment",
    call: (world, { environmentId }) =>
      world.store.createDict(world.request({ environmentId, name: "", expiresAtMs: world.nowMs + 1000 })),
  },
  {
    name: "createDict with an idempotency key",
    needs: "environment",
    call: (world, { environmentId }) =>
      world.store.createDict(world.request({ environmentId, name: "two" }), { idempotencyKey: "a key" }),
  },
  {
    name: "findDict",
    needs: "nothing",
    call: ({ store }, { environmentId }) => store.findDict(environmentId, "dict"),
  },
  { name: "getDict", needs: "nothing", call: ({ store }, { dictId }) => store.getDict(dictId) },
  {
    name: "listDicts",
    needs: "nothing",
    call: ({ store }, { environmentId }) => store.listDicts({ environmentId }),
  },
  {
    name: "extendDict",
    needs: "dict",
    call: (world, { dictId }) => world.store.extendDict(dictId, world.nowMs + 5),
  },
  { name: "get", needs: "dict", call: ({ store }, { dictId }) => store.get(dictId, key) },
  { name: "contains", needs: "dict", call: ({ store }, { dictId }) => store.contains(dictId, key) },
  { name: "len", needs: "dict", call: ({ store }, { dictId }) => store.len(dictId) },
  { name: "update", needs: "dict", call: ({ store }, { dictId }) => store.update(dictId, [entry("a", "1")]) },
  { name: "update of nothing", needs: "dict", call: ({ store }, { dictId }) => store.update(dictId, []) },
  {
    name: "putIfAbsent",
    needs: "dict",
    call: ({ store }, { dictId }) => store.putIfAbsent(dictId, key, value),
  },
  {
    name: "putIfAbsent with an idempotency key",
    needs: "dict",
    call: ({ store }, { dictId }) => store.putIfAbsent(dictId, key, value, { idempotencyKey: "a key" }),
  },
  { name: "pop", needs: "dict", call: ({ store }, { dictId }) => store.pop(dictId, key) },
  {
    name: "pop with an idempotency key",
    needs: "dict",
    call: ({ store }, { dictId }) => store.pop(dictId, key, { idempotencyKey: "a key" }),
  },
  { name: "remove", needs: "dict", call: ({ store }, { dictId }) => store.remove(dictId, key) },
  { name: "entry", needs: "dict", call: ({ store }, { dictId }) => store.entry(dictId, key) },
  { name: "getMany", needs: "dict", call: ({ store }, { dictId }) => store.getMany(dictId, [key]) },
  { name: "getMany of nothing", needs: "dict", call: ({ store }, { dictId }) => store.getMany(dictId, []) },
  { name: "removeMany", needs: "dict", call: ({ store }, { dictId }) => store.removeMany(dictId, [key]) },
  {
    name: "removeMany of nothing",
    needs: "dict",
    call: ({ store }, { dictId }) => store.removeMany(dictId, []),
  },
  {
    name: "removeMany with an idempotency key",
    needs: "dict",
    call: ({ store }, { dictId }) => store.removeMany(dictId, [key], { idempotencyKey: "a key" }),
  },
  { name: "commit", needs: "dict", call: ({ store }, { dictId }) => store.commit(dictId, commit) },
  {
    name: "commit of nothing",
    needs: "dict",
    call: ({ store }, { dictId }) => store.commit(dictId, { conditions: [], changes: [] }),
  },
  {
    name: "commit with an idempotency key",
    needs: "dict",
    call: ({ store }, { dictId }) => store.commit(dictId, commit, { idempotencyKey: "a key" }),
  },
  {
    name: "page",
    needs: "dict",
    call: ({ store }, { dictId }) => store.page(dictId, { limit: 10, values: true }),
  },
  { name: "stats", needs: "dict", call: ({ store }, { dictId }) => store.stats(dictId) },
  {
    name: "configureDict",
    needs: "dict",
    call: ({ store }, { dictId }) => store.configureDict(dictId, { expiry: { policy: "never" } }),
  },
  { name: "clear", needs: "dict", call: ({ store }, { dictId }) => store.clear(dictId) },
  {
    name: "contents",
    needs: "dict",
    call: ({ store }, { dictId }) =>
      store.contents(dictId, { keys: true, values: true })[Symbol.asyncIterator]().next(),
  },
  { name: "deleteDict", needs: "dict", call: ({ store }, { dictId }) => store.deleteDict(dictId) },
  { name: "sweep", needs: "nothing", call: ({ store }) => store.sweep(100) },
];
