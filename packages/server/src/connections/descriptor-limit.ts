import { readFileSync } from "node:fs";
import { keptDescriptors } from "./connection-limits.ts";

/** How the descriptors of this process are shared out. */
export interface DescriptorShares {
  /** How many it may have open; undefined where the platform sets no limit or does not tell. */
  readonly limit: number | undefined;
  /** How many of them are for connections: what is above is for the store. */
  readonly connections: number;
}

/** Reads how many descriptors this process may have, and shares them out. */
export function descriptorShares(limit: number | undefined = descriptorLimit()): DescriptorShares {
  if (limit === undefined) return { limit, connections: Number.POSITIVE_INFINITY };
  const { part, min, max } = keptDescriptors;
  const kept = Math.min(max, Math.max(min, Math.floor(limit * part)));
  return { limit, connections: Math.max(1, limit - kept) };
}

/** The soft limit, which the platform has raised to the hard one when it started. */
function descriptorLimit(): number | undefined {
  try {
    const soft = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "latin1"))?.[1];
    return soft === undefined ? undefined : Number(soft);
  } catch {
    return reportedLimit();
  }
}

/** Where there is no `/proc`. */
function reportedLimit(): number | undefined {
  const { userLimits } = process.report.getReport() as unknown as {
    readonly userLimits?: { readonly open_files?: { readonly soft?: unknown } };
  };
  const soft = userLimits?.open_files?.soft;
  return typeof soft === "number" ? soft : undefined;
}
