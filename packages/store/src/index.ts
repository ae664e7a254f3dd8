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
  SweepResult,
  TokenOption,
} from "./store.ts";
