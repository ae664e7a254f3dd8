export type { RouterStats } from "./cluster/router-stats.ts";
export type { StoreCounters } from "./context/store-context.ts";
export { type Profile, type ProfileName, profiles } from "./servers/profiles.ts";
export { openRedisStore } from "./store/open-redis-store.ts";
export { parseRedisUrl, type RedisUrlOptions } from "./store/parse-redis-url.ts";
export type { RedisStoreOptions } from "./store/redis-options.ts";
export type { RedisStore, RedisStoreStats } from "./store/redis-store.ts";
