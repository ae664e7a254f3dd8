// The plan for a cluster of a billion entries (docs/cluster.md, "How large"), checked on paper: where entries land,
// what a failover leaves behind, and how large shards grow. No server runs; it takes some seconds. The seed decides
// everything that is left to chance: the ids of dictionaries, and the pauses between attempts.
//
//   npm run build && node bench/simulations/cluster-plan.mjs [--seed 1] [--dicts 100000] [--json]
import { parseArgs } from "node:util";
import { seededRandom } from "@everdict/testkit";
import { pauseMs } from "../../packages/store-redis/dist/cluster/held-slots.js";
import { Keyspace } from "../../packages/store-redis/dist/keys/keyspace.js";

const { values: flags } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    dicts: { type: "string", default: "100000" },
    json: { type: "boolean", default: false },
  },
});
const dicts = Number(flags.dicts);
/** As many a dictionary on average as in the plan. */
const entries = 1e4 * dicts;
const masters = 24;
const slots = 16_384;
const shardGoal = 25_000;
const keys = new Keyspace("everdict:");
const random = seededRandom(Number(flags.seed));
let harmonic = 0;
for (let rank = 1; rank <= dicts; rank++) harmonic += 1 / rank;

const plan = {
  sixteenShards: placement(() => 16),
  shardsBySize: placement((size) => Math.min(slots, Math.max(1, Math.ceil(size / shardGoal)))),
  outgrown: outgrown(),
  failoverAllAgain: failover(false),
  failoverOneAhead: failover(true),
};
if (flags.json) console.log(JSON.stringify(plan));
else print(plan);

/** How evenly entries lie over masters, and how large the largest shard is. */
function placement(shardsOf) {
  const perMaster = new Float64Array(masters);
  let largest = 0;
  let shardsMade = 0;
  for (let rank = 1; rank <= dicts; rank++) {
    const size = entries / rank / harmonic;
    const shards = shardsOf(size);
    const id = `di-${flags.seed}-${rank}`;
    shardsMade += shards;
    largest = Math.max(largest, size / shards);
    const first = keys.shard(id, 0, 1).slot;
    for (let shard = 0; shard < shards; shard++) {
      const slot = (first + Math.floor((shard * slots) / shards)) % slots;
      perMaster[Math.floor((slot * masters) / slots)] += size / shards;
    }
  }
  const mean = entries / masters;
  return {
    busiest: Math.max(...perMaster) / mean,
    idlest: Math.min(...perMaster) / mean,
    largestShard: Math.round(largest),
    shards: shardsMade,
  };
}

/** How many dictionaries should have more than 16 shards, by what is said of a shard. */
function outgrown() {
  const sizes = Array.from(
    { length: Math.min(dicts, 1_000) },
    (_, index) => entries / (index + 1) / harmonic,
  );
  const above = (limit) => sizes.filter((size) => size / 16 > limit).length;
  return { goal: above(25_000), warning: above(50_000), alarm: above(100_000) };
}

/**
 * One master of 24 fails over. Calls arrive at its share of a million a second; each server node holds those of its
 * slots and tries again with the router's own pauses; what the new master cannot do at once waits.
 */
function failover(oneAhead) {
  const arrivalsPerMs = 1e6 / masters / 1000;
  const servedPerMs = 120;
  const outMs = 7_000;
  const nodes = 50;
  const places = Math.floor(slots / masters) * nodes;
  const samples = 2_000;
  const held = arrivalsPerMs * outMs;
  let triesInVain = 0;
  for (let sample = 0; sample < samples; sample++) {
    const perPlace = arrivalsPerMs / places;
    for (let atMs = 0, attempts = 1; atMs < outMs; attempts++) {
      triesInVain += oneAhead ? 1 : Math.max(1, perPlace * atMs);
      atMs += pauseMs(attempts, () => random.next());
    }
  }
  // After the failover: the backlog comes back within one longest pause, and new calls go on arriving.
  let drainedMs = 0;
  for (let backlog = held; backlog > 0; drainedMs++) backlog += arrivalsPerMs - servedPerMs;
  return {
    outMs,
    held: Math.round(held),
    heldBytesANode: (held * 400) / nodes,
    triesInVainACall: (triesInVain * places) / samples / held,
    caughtUpAfterMs: drainedMs,
  };
}

function print({ sixteenShards, shardsBySize, outgrown: above, ...failovers }) {
  const whole = (number) => Math.round(number).toLocaleString("en");
  console.log(
    `${whole(entries)} entries in ${whole(dicts)} dictionaries (Zipf 1) on ${masters} masters; seed ${flags.seed}`,
  );
  for (const [title, one] of [
    ["16 shards each", sixteenShards],
    [`${whole(shardGoal)} entries a shard`, shardsBySize],
  ]) {
    console.log(
      `  ${title}: busiest master ${one.busiest.toFixed(2)} of the mean, idlest ${one.idlest.toFixed(2)}, ` +
        `largest shard ${whole(one.largestShard)} entries, ${whole(one.shards)} shards`,
    );
  }
  console.log(
    `  dictionaries whose 16 shards are above 25,000 entries: ${above.goal}, above 50,000 (warning): ${above.warning}, ` +
      `above 100,000 (alarm): ${above.alarm}`,
  );
  for (const [title, one] of [
    ["all tried again each time", failovers.failoverAllAgain],
    ["one ahead of the others", failovers.failoverOneAhead],
  ]) {
    console.log(
      `  failover of ${one.outMs / 1000} s, ${title}: ${whole(one.held)} calls held (${whole(one.heldBytesANode / 1e6)} MB on each node), ` +
        `${one.triesInVainACall.toFixed(1)} tries in vain a call, caught up ${(one.caughtUpAfterMs / 1000).toFixed(1)} s later, ` +
        `slowest call ${((one.outMs + one.caughtUpAfterMs) / 1000).toFixed(1)} s`,
    );
  }
}
