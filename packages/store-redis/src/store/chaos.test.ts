// What is promised when servers fail (docs/cluster.md), tried on real clusters, with controls that must lose. Short by
// default; `npm run chaos` repeats everything, loads longer and does more. One file, so that no two faults meet.
import { redisIsSetUp } from "@everdict/testkit";
import { describe } from "vitest";
import { chaos } from "../testing/chaos/chaos-parameters.ts";
import { commitChaos } from "../testing/chaos/commit-chaos.ts";
import { masterChaos } from "../testing/chaos/master-chaos.ts";
import { onceChaos } from "../testing/chaos/once-chaos.ts";
import { slotChaos } from "../testing/chaos/slot-chaos.ts";

describe.skipIf(!redisIsSetUp()).each(chaos.seeds)("chaos, seed %i", (seed) => {
  masterChaos(seed);
  slotChaos(seed);
  onceChaos(seed);
  commitChaos(seed);
});
