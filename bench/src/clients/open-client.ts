import type { ClientSpec, DictClient } from "./dict-client.ts";

/** Opens the client of a specification. Only its own library is loaded. */
export async function openClient(spec: ClientSpec): Promise<DictClient> {
  switch (spec.kind) {
    case "everdict":
      return (await import("./everdict-client.ts")).openEverdict(spec);
    case "in-process":
      return (await import("./everdict-client.ts")).openInProcess(spec);
    case "ioredis":
      return (await import("./ioredis-client.ts")).openIoredis(spec);
    case "node-redis":
      return (await import("./node-redis-client.ts")).openNodeRedis(spec);
  }
}
