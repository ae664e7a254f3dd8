export { Deadlines } from "./deadlines.ts";
export { createMemoryStore, type MemoryStoreOptions } from "./memory-store.ts";
export { type PlanDict, Registry } from "./registry.ts";
export type {
  Awaitable,
  BytesOption,
  Clock,
  CreateDict,
  CreatedDict,
  DictRecord,
  Durability,
  EnvironmentRecord,
  ListDicts,
  RoomOption,
  Store,
  StoreCapabilities,
  SweepResult,
  TokenOperation,
  TokenOption,
} from "./store.ts";
export { withRoom } from "./with-room.ts";
