import type { EverdictProcess } from "@everdict/testkit";
import { Dict } from "everdict";
import { connectTo } from "./connect-to.ts";

/** Somebody who uses a server properly while others do not. */
export interface Neighbour {
  /** How long each call has taken so far, in milliseconds, from the quickest to the slowest. */
  latenciesMs(): readonly number[];
  /** Forgets what it has measured. */
  reset(): void;
  /** Stops. Rejects with the first error that it met, if there was any. */
  stop(): Promise<void>;
}

const restMs = 2;

/** Makes one call after the other, by a session and by gRPC in turns, until it is stopped. */
export async function startNeighbour(server: EverdictProcess): Promise<Neighbour> {
  const clients = [connectTo(server), connectTo(server, { transport: "grpc" })];
  const dicts = clients.map((client) =>
    Dict.fromName<string, number>("neighbour", { client, createIfMissing: true }),
  );
  let latencies: number[] = [];
  let stopping = false;
  const call = async (dict: Dict<string, number>, round: number): Promise<void> => {
    const key = `k${round % 100}`;
    const before = performance.now();
    await dict.put(key, round);
    const found = await dict.get(key);
    latencies.push((performance.now() - before) / 2);
    if (found !== round) throw new Error(`${key} holds ${found} instead of ${round}`);
  };
  const work = (async () => {
    for (let round = 0; !stopping; round++) {
      await call(dicts[round % 2]!, round);
      await new Promise((resolve) => setTimeout(resolve, restMs));
    }
  })();
  work.catch(() => {});
  return {
    latenciesMs: () => [...latencies].sort((a, b) => a - b),
    reset: () => {
      latencies = [];
    },
    stop: async () => {
      stopping = true;
      await work;
      await Promise.all(clients.map((client) => client.close()));
    },
  };
}

/** The value below which so much of the sorted values is. */
export function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}
