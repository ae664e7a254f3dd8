import type { Engine } from "@everdict/embedded";
import type { Logger } from "pino";
import type { ServeOptions } from "./serve-options.ts";
import { directoryError } from "./startup-error.ts";

/** Opens the engine that the options ask for; `directory` is undefined for one in memory. */
export async function openEngine(
  directory: string | undefined,
  options: ServeOptions,
  logger: Logger,
): Promise<Engine> {
  const { defaultExpiry, valueMaxBytes, keyMaxBytes, requestMaxBytes, requestMaxEntries } = options;
  const limits = { valueMaxBytes, keyMaxBytes, requestMaxBytes, requestMaxEntries };
  const engineOptions = {
    defaultExpiry,
    limits: Object.fromEntries(Object.entries(limits).filter(([, limit]) => limit !== undefined)),
    onBackgroundError: (error: Error) => logger.error({ err: error }, "background work failed"),
  };
  if (directory === undefined) {
    const { openMemoryEngine } = await import("@everdict/embedded");
    return openMemoryEngine(engineOptions);
  }
  const { openLogEngine } = await import("@everdict/embedded/log");
  try {
    return await openLogEngine({ ...engineOptions, directory });
  } catch (error) {
    throw directoryError(error, directory);
  }
}
