import type { RedisEngine } from "@everdict/embedded/redis";
import type { Logger } from "pino";

type RedisStoreStats = ReturnType<RedisEngine["storeStats"]>;

const intervalMs = 60_000;

/**
 * Logs the counters of a cluster store after each minute in which something happened that an operator may want to know:
 * repeated commands, replicas that lag, calls given up, lost data, shards that are too large. Stops with the process.
 */
export function logStoreStats(engine: Pick<RedisEngine, "storeStats">, logger: Logger): void {
  let last = troubleOf(engine);
  const timer = setInterval(() => {
    const trouble = troubleOf(engine);
    if (trouble === last) return;
    last = trouble;
    const stats = engine.storeStats();
    const level = isAlarming(stats) ? "warn" : "info";
    logger[level]({ store: "redis", stats }, "the cluster store met trouble; counters since the start");
  }, intervalMs);
  timer.unref();
}

/** Whether callers saw it or will see it. */
function isAlarming(stats: RedisStoreStats): boolean {
  const { dataLoss, foreignRecords, notReplicated, deadlinesExceeded, dictsWithHugeShards } = stats;
  return [dataLoss, foreignRecords, notReplicated, deadlinesExceeded, dictsWithHugeShards].some(
    (count) => count > 0,
  );
}

/** A value that changes whenever something went wrong. */
function troubleOf(engine: Pick<RedisEngine, "storeStats">): string {
  const stats = engine.storeStats();
  const { retries, waitShortfalls, notReplicated, deadlinesExceeded, refusedOverloaded, dataLoss } = stats;
  const { foreignRecords, dictsWithLargeShards, dictsWithHugeShards } = stats;
  return JSON.stringify([
    retries,
    waitShortfalls,
    notReplicated,
    deadlinesExceeded,
    refusedOverloaded,
    dataLoss,
    foreignRecords,
    dictsWithLargeShards,
    dictsWithHugeShards,
  ]);
}
