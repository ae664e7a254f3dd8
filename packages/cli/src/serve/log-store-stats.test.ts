import type { Logger } from "pino";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { logStoreStats } from "./log-store-stats.ts";

const calm = {
  retries: {},
  retriesByServer: {},
  waitShortfalls: 0,
  notReplicated: 0,
  deadlinesExceeded: 0,
  refusedOverloaded: 0,
  slotMapRefreshes: 1,
  slotMapAgeMs: 5,
  servers: 3,
  dataLoss: 0,
  foreignRecords: 0,
  sweptEntries: 0,
  sweepScanned: 0,
  sweepPasses: 0,
  scanRestarts: 0,
  largeValueRereads: 0,
  nodeAdditions: 0,
  largestShardEntries: 0,
  dictsWithLargeShards: 0,
  dictsWithHugeShards: 0,
};

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test("logs once a minute in which something happened, and warns of what callers saw", () => {
  let stats = calm;
  const lines: string[] = [];
  const log = (level: string) => (_: object, message: string) => void lines.push(`${level}: ${message}`);
  logStoreStats({ storeStats: () => stats }, { info: log("info"), warn: log("warn") } as unknown as Logger);
  stats = { ...calm, slotMapAgeMs: 60_005, sweepPasses: 7 };
  vi.advanceTimersByTime(120_000);
  expect(lines).toEqual([]);
  stats = { ...stats, retries: { moved: 3 } };
  vi.advanceTimersByTime(180_000);
  expect(lines).toEqual([expect.stringMatching(/^info: /)]);
  stats = { ...stats, largestShardEntries: 60_000, dictsWithLargeShards: 1 };
  vi.advanceTimersByTime(60_000);
  expect(lines[1]).toMatch(/^info: /);
  stats = { ...stats, dictsWithHugeShards: 1 };
  vi.advanceTimersByTime(60_000);
  expect(lines[2]).toMatch(/^warn: /);
  stats = { ...stats, dictsWithHugeShards: 0, dataLoss: 1 };
  vi.advanceTimersByTime(60_000);
  expect(lines[3]).toMatch(/^warn: /);
});
