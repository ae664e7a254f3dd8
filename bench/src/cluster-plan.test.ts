// The simulation behind the plan for a large cluster (docs/cluster.md, "How large"), in a short form.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { repositoryRoot } from "@everdict/testkit";
import { expect, test } from "vitest";

function simulate(seed: number): string {
  const program = join(repositoryRoot, "bench", "simulations", "cluster-plan.mjs");
  const args = [program, "--seed", String(seed), "--dicts", "20000", "--json"];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (stdout === "") throw new Error(stderr);
  return stdout;
}

test("the plan holds: entries lie evenly, shards that go by size stay small, a failover is caught up with", () => {
  const plan = JSON.parse(simulate(1));
  expect(plan.sixteenShards.busiest).toBeLessThan(1.25);
  expect(plan.sixteenShards.idlest).toBeGreaterThan(0.75);
  expect(plan.sixteenShards.largestShard).toBeGreaterThan(100_000);
  expect(plan.outgrown.goal).toBeGreaterThan(plan.outgrown.alarm);
  expect(plan.shardsBySize.busiest).toBeLessThan(1.15);
  expect(plan.shardsBySize.largestShard).toBeLessThanOrEqual(25_000);
  const { failoverAllAgain, failoverOneAhead } = plan;
  expect(failoverOneAhead.triesInVainACall).toBeLessThan(failoverAllAgain.triesInVainACall / 2);
  expect(failoverOneAhead.caughtUpAfterMs).toBeLessThan(failoverOneAhead.outMs);
});

test("a seed decides everything that is left to chance", () => {
  expect(simulate(7)).toBe(simulate(7));
  expect(simulate(7)).not.toBe(simulate(8));
});
