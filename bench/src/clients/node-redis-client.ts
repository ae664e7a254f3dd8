import { createClient } from "@redis/client";
import type { ClientSpec, DictClient } from "./dict-client.ts";

/** Redis through node-redis and JSON; it pipelines what is issued in one turn by itself. */
export async function openNodeRedis(spec: ClientSpec & { kind: "node-redis" }): Promise<DictClient> {
  const redis = createClient({ socket: { host: "127.0.0.1", port: spec.server.port }, database: spec.db });
  redis.on("error", (error) => {
    throw error;
  });
  await redis.connect();
  return {
    get: (key) => redis.get(key).then(parse),
    put: (key, value) => redis.set(key, JSON.stringify(value)),
    putIfAbsent: (key, value) =>
      redis.set(key, JSON.stringify(value), { condition: "NX" }).then((answer) => answer === "OK"),
    pop: (key) => redis.getDel(key).then(parse),
    remove: (key) => redis.del(key),
    increment: (key) => redis.incrBy(`n${key}`, 1),
    transfer: (from, to) => redis.multi().decrBy(`n${from}`, 1).incrBy(`n${to}`, 1).exec(),
    getMany: (keys) => redis.mGet([...keys]).then((texts) => texts.map(parse)),
    updates: {
      MSET: (entries) =>
        redis.mSet(entries.map(([key, value]): [string, string] => [key, JSON.stringify(value)])),
    },
    iteration: undefined,
    async close() {
      redis.destroy();
    },
  };
}

function parse(text: string | null): unknown {
  return text === null ? undefined : JSON.parse(text);
}
