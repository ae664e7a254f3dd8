import { expect, test } from "vitest";
import { deadlineMaxMs } from "../context/life-times.ts";
import { openRedisStore } from "./open-redis-store.ts";
import type { RedisStoreOptions } from "./redis-options.ts";

/** Nobody listens there: an option that is let through ends as `unavailable`. */
const servers = ["127.0.0.1:1"];

test.each<[string, Partial<RedisStoreOptions>]>([
  ["no server", { servers: [] }],
  ["a prefix with braces", { prefix: "a{b}" }],
  ["no shards", { shards: 0 }],
  ["too many shards", { shards: 16_385 }],
  ["no time at all", { deadlineMs: 0 }],
  ["a deadline that outlasts the remembered answers", { deadlineMs: deadlineMaxMs + 1 }],
  ["a deadline that is no number", { deadlineMs: Number.NaN }],
])("refuses %s", async (_, options) => {
  await expect(openRedisStore({ servers, ...options })).rejects.toMatchObject({ code: "invalid_argument" });
});

test("the longest deadline is let through", async () => {
  const opening = openRedisStore({ servers, deadlineMs: deadlineMaxMs });
  await expect(opening).rejects.toMatchObject({ code: "unavailable" });
});
