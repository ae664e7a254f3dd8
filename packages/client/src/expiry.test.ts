// Expiry as a program sees it, on a clock of the test's own.
import { openMemoryEngine } from "@everdict/embedded";
import { expect, test } from "vitest";
import { Client, Dict, type ExpiryPolicy } from "./index.ts";

const dayMs = 24 * 60 * 60 * 1000;

async function open(expiry?: ExpiryPolicy) {
  const world = { nowMs: Date.UTC(2026, 0, 1) };
  const engine = await openMemoryEngine({ clock: () => world.nowMs, sweepIntervalMs: 0 });
  const client = Client.fromService(engine.serviceFor({ id: "a", name: "a" }));
  const dict = Dict.fromName<string, number>("d", { createIfMissing: true, client, expiry });
  return { world, engine, dict };
}

test("an entry written at t is there until t + 30 days, and not from then on", async () => {
  const { world, engine, dict } = await open();
  const writtenMs = world.nowMs;
  await dict.put("a", 1);
  world.nowMs = writtenMs + 30 * dayMs - 1;
  expect([await dict.get("a"), await dict.contains("a")]).toEqual([1, true]);
  world.nowMs = writtenMs + 30 * dayMs;
  expect([await dict.get("a"), await dict.contains("a"), await dict.len()]).toEqual([undefined, false, 1]);
  for await (const _entry of dict) expect.unreachable();
  await expect(dict.pop("a")).rejects.toMatchObject({ code: "key_not_found" });
  await engine.sweep();
  expect(await dict.len()).toBe(0);
  await engine.close();
});

test("writing again renews, reading does not; an expired entry makes room for skipIfExists", async () => {
  const { world, engine, dict } = await open();
  await dict.update({ renewed: 1, read: 1, lock: 1 });
  world.nowMs += 20 * dayMs;
  await dict.put("renewed", 2);
  await dict.get("read");
  expect(await dict.put("lock", 2, { skipIfExists: true })).toBe(false);
  world.nowMs += 10 * dayMs;
  expect([await dict.get("renewed"), await dict.get("read")]).toEqual([2, undefined]);
  expect(await dict.put("lock", 2, { skipIfExists: true })).toBe(true);
  world.nowMs += 20 * dayMs;
  expect([await dict.get("renewed"), await dict.get("lock")]).toEqual([undefined, 2]);
  await engine.close();
});

test("under the policy afterUse reading renews; contains, len and iteration do not", async () => {
  const { world, engine, dict } = await open({ policy: "afterUse", ttlMs: 7 * dayMs });
  await dict.update({ read: 1, looked: 1 });
  world.nowMs += 5 * dayMs;
  await dict.get("read");
  await dict.contains("looked");
  await dict.len();
  for await (const _entry of dict);
  world.nowMs += 5 * dayMs;
  expect([await dict.contains("read"), await dict.contains("looked")]).toEqual([true, false]);
  await engine.close();
});

test("under the policy never nothing expires", async () => {
  const { world, engine, dict } = await open({ policy: "never" });
  await dict.put("a", 1);
  world.nowMs += 10_000 * dayMs;
  expect(await dict.get("a")).toBe(1);
  await engine.close();
});
