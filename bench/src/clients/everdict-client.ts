import { openMemoryEngine } from "@everdict/embedded";
import { openLogEngine } from "@everdict/embedded/log";
import type { DictService } from "@everdict/protocol";
import { Client, Dict } from "everdict";
import type { Value } from "../workload.ts";
import type { ClientSpec, DictClient, Iteration, StoreKind } from "./dict-client.ts";

/** Our client against a server, connected as programs do it. */
export async function openEverdict(spec: ClientSpec & { kind: "everdict" }): Promise<DictClient> {
  const { transport, lowLatency, server } = spec;
  const { tokenId, tokenSecret, port } = server;
  const client = Client.connect({
    url: `${transport === "websocket" ? "ws" : "http"}://127.0.0.1:${port}`,
    tokenId,
    tokenSecret,
    transport: transport === "grpc" ? "grpc" : "session",
    lowLatency,
  });
  return dictClient(client, () => client.close());
}

/** Our client with the store in its own process. */
export async function openInProcess(spec: ClientSpec & { kind: "in-process" }): Promise<DictClient> {
  const engine = await openEngine(spec.store, spec.directory);
  const client = Client.fromService(engine.serviceFor({ id: "bench", name: "bench" }));
  return dictClient(client, () => engine.close());
}

function openEngine(store: StoreKind, directory: string): ReturnType<typeof openMemoryEngine> {
  if (store === "memory") return openMemoryEngine();
  return openLogEngine({ directory, durability: store });
}

async function dictClient(client: Client, close: () => Promise<void>): Promise<DictClient> {
  // Candidates may share a server, never a dictionary.
  const open = <V = Value>(name: string) =>
    Dict.fromName<string, V>(`${name}-${process.pid}`, { createIfMissing: true, client }).hydrate();
  const [dict, small, large] = await Promise.all([open("bench"), open("small"), open("large")]);
  const counters = await open<number>("counters");
  const service = await client.service();
  return {
    get: (key) => dict.get(key),
    put: (key, value) => dict.put(key, value),
    putIfAbsent: (key, value) => dict.put(key, value, { skipIfExists: true }),
    pop: (key) => dict.pop(key),
    remove: (key) => dict.remove(key),
    increment: (key) => counters.increment(key),
    transfer: (from, to) => counters.transaction().increment(from, -1).increment(to, 1).commit(),
    getMany: (keys) => dict.getMany(keys),
    modify: (key, value) => dict.modify(key, () => value),
    len: () => dict.len(),
    clear: () => dict.clear(),
    updates: { update: (entries) => dict.update(entries) },
    iteration: (size) => iterationOf(size === "100 B" ? small : large, service),
    close,
  };
}

function iterationOf(whole: Dict<string, Value>, service: DictService): Iteration {
  return {
    add: (entries) => whole.update(entries),
    async decoded() {
      let count = 0;
      for await (const [key, value] of whole) if (key !== "" && value !== undefined) count++;
      return count;
    },
    async raw() {
      let count = 0;
      const both = { keys: true, values: true };
      for await (const batch of service.contents(whole.objectId, both)) count += batch.length;
      return count;
    },
  };
}
