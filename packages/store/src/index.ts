export { type AddResult, addToNumber, isNumber } from "./add-to-number.ts";
export { type AnswerShare, AnswerShares } from "./answer-shares.ts";
export { callDigest, commitDigest, creationDigest, keysDigest, otherArguments } from "./call-digest.ts";
export { Deadlines } from "./deadlines.ts";
export { keyText } from "./key-text.ts";
export { createMemoryStore, type MemoryStoreOptions } from "./memory-store.ts";
export { type PlanDict, Registry } from "./registry.ts";
export { type SteadyClockOptions, steadyClock } from "./steady-clock.ts";
export type {
  Awaitable,
  BytesOption,
  Clock,
  CreateDict,
  CreatedDict,
  DictRecord,
  Durability,
  EnvironmentRecord,
  IdempotencyOption,
  ListDicts,
  Store,
  StoreCapabilities,
  StoreHealth,
  SweepResult,
} from "./store.ts";
export { bulkAnswerBytes } from "./store.ts";
export { withRoom } from "./with-room.ts";
