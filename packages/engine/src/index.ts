export type { Caller } from "./dict-service.ts";
export { type Engine, type EngineOptions, type EngineStats, openEngine } from "./engine.ts";
export { defaultEnvironmentId, webSuffixMaxLength } from "./environments.ts";
export { idempotencyKeyMaxLength } from "./idempotency.ts";
export type { RandomBytes } from "./ids.ts";
export type { SweepStats } from "./sweeper.ts";
