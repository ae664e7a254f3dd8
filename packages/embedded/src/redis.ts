/**
 * The whole of Everdict inside one process, on a Redis or Valkey cluster that any number of processes share.
 */

export type { Caller, Engine, EngineOptions, EngineStats } from "@everdict/engine";
export { openRedisEngine, type RedisEngine, type RedisEngineOptions } from "./open-redis-engine.ts";
