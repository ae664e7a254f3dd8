// Random values for the differential tests, as descriptions that both languages build on their own.

import fc from "fast-check";
import type { PythonFacts } from "./python-oracle.ts";
import { connect, type Node, needsCloudpickle, protocolMin, type Spec } from "./spec-graph.ts";
import { nodeArbitraries, type SpecFeatures } from "./spec-leaves.ts";

export { isFullyKnown, type Node, needsCloudpickle, protocolMin, type Spec } from "./spec-graph.ts";
export type { SpecFeatures } from "./spec-leaves.ts";

/** Random values over the whole type table. */
export function specs(features: SpecFeatures): fc.Arbitrary<Spec> {
  const { scalars, containers, others, costly } = nodeArbitraries(features);
  const any = fc.oneof(
    { weight: 180, arbitrary: fc.oneof(...scalars) },
    { weight: 160, arbitrary: fc.oneof(...containers) },
    { weight: 260, arbitrary: fc.oneof(...others) },
    { weight: 2, arbitrary: fc.oneof(...costly) },
  );
  // A value that refers to nothing needs no other nodes; most are to be more than that.
  const root = fc.oneof({ weight: 1, arbitrary: any }, { weight: 2, arbitrary: fc.oneof(...containers) });
  return fc
    .tuple(root, fc.array(any, { maxLength: 9 }))
    .map(([first, more]) => connect([first, ...more] as Node[]));
}

/** What a Python installation offers to {@link specs}. */
export function featuresOf({ numpy, cloudpickle, zoneinfo, exceptions }: PythonFacts): SpecFeatures {
  return { numpy: numpy !== false, cloudpickle: cloudpickle !== false, zoneinfo, exceptions };
}

/** How Python is asked to dump the value at a place of a list, every protocol in turn. */
export function dumpCase(spec: Spec, index: number): [Spec, number, string] {
  return [spec, Math.max(index % 6, protocolMin(spec)), needsCloudpickle(spec) ? "cloudpickle" : "pickle"];
}
