/**
 * The whole of Everdict inside one process, on a directory of plain files.
 */

export type { Caller, Engine, EngineOptions, EngineStats } from "@everdict/engine";
export { type LogEngineOptions, openLogEngine } from "./open-log-engine.ts";
