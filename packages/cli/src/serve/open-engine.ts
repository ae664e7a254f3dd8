import type { Engine } from "@everdict/embedded";
import type { Logger } from "pino";
import { logStoreHealth } from "./log-store-health.ts";
import { logStoreStats } from "./log-store-stats.ts";
import type { ServeOptions } from "./serve-options.ts";
import { directoryError } from "./startup-error.ts";

/** Where a server keeps its data; with neither, in memory. */
export interface Place {
  /** Data, if there is no store, and tokens. */
  readonly directory: string | undefined;
  /** The URL of a store that other servers may have open, too. */
  readonly store: string | undefined;
}

/** Opens the engine that the options ask for. `onFailure` is told if its disk fails while it runs. */
export async function openEngine(
  { directory, store }: Place,
  options: ServeOptions,
  logger: Logger,
  onFailure: (error: Error) => void,
): Promise<Engine> {
  const { defaultExpiry, valueMaxBytes, keyMaxBytes, requestMaxBytes, requestMaxEntries } = options;
  const limits = { valueMaxBytes, keyMaxBytes, requestMaxBytes, requestMaxEntries };
  const engineOptions = {
    defaultExpiry,
    limits: Object.fromEntries(Object.entries(limits).filter(([, limit]) => limit !== undefined)),
    onBackgroundError: (error: Error) => logger.error({ err: error }, "background work failed"),
  };
  if (store !== undefined) {
    const { openRedisEngine } = await import("@everdict/embedded/redis");
    const onWarning = (message: string): void => logger.warn({ store: "redis" }, message);
    const defaultDurability = options.durability;
    const engine = await openRedisEngine({
      ...engineOptions,
      defaultDurability,
      url: store,
      redis: { onWarning },
    });
    logStoreStats(engine, logger);
    return engine;
  }
  const onWarning = (message: string): void => logger.warn(message);
  if (directory === undefined) {
    const { openMemoryEngine } = await import("@everdict/embedded");
    return openMemoryEngine({ ...engineOptions, onWarning });
  }
  const { openLogEngine } = await import("@everdict/embedded/log");
  try {
    return await openLogEngine({
      ...engineOptions,
      onWarning,
      directory,
      durability: options.durability,
      log: {
        onFailure,
        onHealth: logStoreHealth(logger),
        onWarning: (error) => logger.warn(error.message),
        valueCacheMaxBytes: options.valueCache,
        memoryMaxBytes: options.maxMemory,
      },
    });
  } catch (error) {
    throw directoryError(error, directory);
  }
}
