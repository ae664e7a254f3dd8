import { denoKv } from "./peers/deno-kv.mjs";
import { everdict } from "./peers/everdict.mjs";
import { level } from "./peers/level.mjs";
import { lmdb } from "./peers/lmdb.mjs";
import { redis } from "./peers/redis.mjs";

const mebibyte = 1024 * 1024;

/** Every peer: what it is, up to how many entries it is asked to take, and in which durability it has a part. */
const peers = {
  everdict: {
    title: "Everdict, values in memory",
    open: everdict({ valueCacheMaxBytes: 8192 * mebibyte }).open,
    entriesMax: 10_000_000,
    durabilities: ["sync", "everysec"],
  },
  "everdict-log": {
    title: "Everdict, values in the log",
    open: everdict({ valueCacheMaxBytes: 0 }).open,
    entriesMax: 10_000_000,
    durabilities: ["sync", "everysec"],
  },
  redis: {
    title: "Redis + ioredis (auto-pipelining)",
    open: redis.open,
    entriesMax: 10_000_000,
    durabilities: ["sync", "everysec"],
  },
  lmdb: {
    title: "LMDB",
    open: lmdb.open,
    entriesMax: 10_000_000,
    // Without a sync its file may be corrupt after a loss of power, which is not what `everysec` promises.
    durabilities: ["sync"],
  },
  level: {
    title: "LevelDB, record per entry",
    open: level.open,
    entriesMax: 10_000_000,
    // It never flushes by itself.
    durabilities: ["sync"],
  },
  "deno-kv": {
    title: "Deno KV (SQLite)",
    open: denoKv.open,
    entriesMax: 100_000,
    durabilities: ["sync"],
  },
};

export const peerNames = Object.keys(peers);

export function peerOf(name) {
  return peers[name];
}
