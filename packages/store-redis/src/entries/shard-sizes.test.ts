import { describe, expect, test } from "vitest";
import type { Command } from "../cluster/call.ts";
import type { Router } from "../cluster/router.ts";
import type { StoreContext } from "../context/store-context.ts";
import { Keyspace } from "../keys/keyspace.ts";
import { OpenDict } from "../registry/open-dict.ts";
import { ShardSizes } from "./shard-sizes.ts";

const stored = { id: "di-1", environmentId: "en-1", name: "jobs", createdBy: "somebody", shards: 16 };

/** Sizes over a router that says how long a shard is. */
function open(length: () => number) {
  const warnings: string[] = [];
  const looks: Command[] = [];
  const counters = { largestShardEntries: 0, dictsWithLargeShards: 0, dictsWithHugeShards: 0 };
  const call = async (command: Command) => {
    looks.push(command);
    return length();
  };
  const router = { call } as unknown as Router;
  const context = { router, counters, warn: (message: string) => void warnings.push(message) };
  const dict = new OpenDict({ ...stored, expiry: { policy: "never" } }, new Keyspace("test:"));
  return { sizes: new ShardSizes(context as unknown as StoreContext), dict, counters, warnings, looks };
}

describe("ShardSizes", () => {
  test("warns at 50,000 entries a shard and again at 100,000, each once, and names the dictionary", () => {
    const { sizes, dict, counters, warnings } = open(() => 0);
    for (const entries of [0, 49_999, 50_000, 50_001, 99_999]) sizes.note(dict, entries);
    expect(counters).toMatchObject({ dictsWithLargeShards: 1, dictsWithHugeShards: 0 });
    for (const entries of [100_000, 5_200_000]) sizes.note(dict, entries);
    expect(counters).toEqual({
      largestShardEntries: 5_200_000,
      dictsWithLargeShards: 1,
      dictsWithHugeShards: 1,
    });
    expect(warnings).toEqual([
      expect.stringMatching(/dict 'jobs' \(di-1\) has 50000 entries.* than its 16 shards/),
      expect.stringMatching(/100000 entries/),
    ]);
  });

  test("warns again of a dictionary that shrank in between, but not while it shrinks", () => {
    const { sizes, dict, warnings } = open(() => 0);
    for (const entries of [120_000, 60_000, 0, 60_000]) sizes.note(dict, entries);
    expect(warnings).toHaveLength(2);
  });

  test("looks once in a thousand written entries, whatever the size of the writes", async () => {
    const { sizes, dict, counters, looks } = open(() => 70_001);
    for (let written = 0; written < 999; written++) sizes.wrote(dict, 3, 1);
    expect(looks).toEqual([]);
    sizes.wrote(dict, 3, 1);
    sizes.wrote(dict, 5, 500);
    sizes.wrote(dict, 5, 500);
    expect(looks.map(({ command }) => command)).toEqual([3, 5].map((at) => ["HLEN", dict.shards[at]!.key]));
    await expect.poll(() => counters.largestShardEntries).toBe(70_000);
    expect(counters.dictsWithLargeShards).toBe(1);
  });

  test("a look that fails is left to the next one", async () => {
    const { sizes, dict, counters, looks } = open(() => {
      if (looks.length === 1) throw new Error("unavailable");
      return 6;
    });
    sizes.wrote(dict, 0, 1_000);
    sizes.wrote(dict, 0, 1_000);
    await expect.poll(() => counters.largestShardEntries).toBe(5);
  });
});
