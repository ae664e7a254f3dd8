import { Redis } from "ioredis";
import type { Value } from "../workload.ts";
import type { ClientSpec, DictClient } from "./dict-client.ts";

/**
 * Redis through ioredis and JSON. Entries are plain string keys, which is what Redis is best at (`GETDEL` has no
 * counterpart for hashes); what is gone over as a whole is a hash, since `HSCAN` brings the values along.
 */
export async function openIoredis(spec: ClientSpec & { kind: "ioredis" }): Promise<DictClient> {
  const redis = new Redis({
    host: "127.0.0.1",
    port: spec.server.port,
    db: spec.db,
    enableAutoPipelining: spec.autoPipelining,
  });
  await redis.ping();
  return {
    get: (key) => redis.get(key).then(parse),
    put: (key, value) => redis.set(key, JSON.stringify(value)),
    putIfAbsent: (key, value) =>
      redis.set(key, JSON.stringify(value), "NX").then((answer) => answer === "OK"),
    pop: (key) => redis.getdel(key).then(parse),
    remove: (key) => redis.del(key),
    increment: (key) => redis.incrby(`n${key}`, 1),
    transfer: (from, to) => redis.multi().decrby(`n${from}`, 1).incrby(`n${to}`, 1).exec(),
    getMany: (keys) => redis.mget([...keys]).then((texts) => texts.map(parse)),
    updates: {
      MSET: (entries) => redis.mset(entries.flatMap(([key, value]) => [key, JSON.stringify(value)])),
      "pipelined HSET": (entries) => pipelinedHset(redis, entries),
      "one HSET": (entries) =>
        redis.hset("hash", ...entries.flatMap(([key, value]) => [key, JSON.stringify(value)])),
    },
    iteration: (size) => ({
      add: (entries) =>
        redis.hset(`whole ${size}`, ...entries.flatMap(([key, value]) => [key, JSON.stringify(value)])),
      decoded: () => scanHash(redis, `whole ${size}`, (text) => JSON.parse(text) as unknown),
      raw: () => scanHash(redis, `whole ${size}`, (text) => text),
    }),
    async close() {
      redis.disconnect();
    },
  };
}

function parse(text: string | null): unknown {
  return text === null ? undefined : JSON.parse(text);
}

function pipelinedHset(redis: Redis, entries: readonly [string, Value][]): Promise<unknown> {
  const pipeline = redis.pipeline();
  for (const [key, value] of entries) pipeline.hset("hash", key, JSON.stringify(value));
  return pipeline.exec();
}

async function scanHash(redis: Redis, hash: string, read: (text: string) => unknown): Promise<number> {
  let count = 0;
  let cursor = "0";
  do {
    const [next, flat] = await redis.hscan(hash, cursor, "COUNT", 1000);
    for (let index = 1; index < flat.length; index += 2) if (read(flat[index]!) !== undefined) count++;
    cursor = next;
  } while (cursor !== "0");
  return count;
}
