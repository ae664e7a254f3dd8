/**
 * The whole of Everdict inside one process, in memory. This entry and all it imports use no built-in modules of
 * Node; the engine on a directory, which does, is `@everdict/embedded/log`.
 */

export type { Caller, Engine, EngineOptions, EngineStats } from "@everdict/engine";
export { type MemoryEngineOptions, openMemoryEngine } from "./open-memory-engine.ts";
