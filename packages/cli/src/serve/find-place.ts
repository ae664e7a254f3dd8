import type { CliContext } from "../cli-context.ts";
import { usageError } from "../cli-error.ts";
import { dataDirectory } from "../data-directory.ts";
import type { Place } from "./open-engine.ts";
import type { ServeOptions } from "./serve-options.ts";

/** Decides where a server keeps its data. @throws a usage error for options that do not go together */
export function findPlace(context: CliContext, options: ServeOptions): Place {
  const store = options.store ?? (context.variables.EVERDICT_STORE || undefined);
  const isMemory = options.memory === true;
  if (store !== undefined && isMemory) throw usageError("--memory and --store exclude each other");
  if (isMemory && options.dataDir !== undefined) {
    throw usageError(
      "--memory and --data-dir exclude each other: in memory nothing is kept",
      "leave out --memory to keep data in the directory",
    );
  }
  for (const [flag, value] of [
    ["--durability", options.durability],
    ["--max-memory", options.maxMemory],
    ["--value-cache", options.valueCache],
  ] as const) {
    if (value !== undefined && (store !== undefined || isMemory))
      throw usageError(`${flag} is for data in a directory: it does not go with --memory or --store`);
  }
  return { directory: isMemory ? undefined : dataDirectory(context, options), store };
}
