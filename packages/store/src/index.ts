export { Deadlines } from "./deadlines.ts";
export { createMemoryStore, type MemoryStoreOptions } from "./memory-store.ts";
export { type PlanDict, Registry } from "./registry.ts";
export type {
  Awaitable,
  Clock,
  CreateDict,
  CreatedDict,
  DictRecord,
  Durability,
  EnvironmentRecord,
  ListDicts,
  Store,
  StoreCapabilities,
  StoreHealth,
  SweepResult,
  TokenOperation,
  TokenOption,
} from "./store.ts";
