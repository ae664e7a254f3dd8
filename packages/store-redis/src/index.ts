export type { RouterStats } from "./cluster/router-stats.ts";
export { openRedisStore } from "./open-redis-store.ts";
export { parseRedisUrl, type RedisUrlOptions } from "./parse-redis-url.ts";
export { type Profile, type ProfileName, profiles } from "./profiles.ts";
export type { RedisStoreOptions } from "./redis-options.ts";
export type { RedisStore, RedisStoreStats } from "./redis-store.ts";
export type { StoreCounters } from "./store-context.ts";
