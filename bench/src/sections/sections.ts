import { atomic } from "./atomic.ts";
import { cluster } from "./cluster.ts";
import { growth } from "./growth.ts";
import { grpc } from "./grpc.ts";
import { iterate } from "./iterate.ts";
import { latency } from "./latency.ts";
import { operations } from "./operations.ts";
import { pickle } from "./pickle.ts";
import { python } from "./python.ts";
import type { RunSection } from "./section-context.ts";
import { session } from "./session.ts";
import { store } from "./store.ts";
import { update } from "./update.ts";

/** Every section by its name, in the order of a whole run. */
export const sections: Readonly<Record<string, RunSection>> = {
  operations,
  atomic,
  update,
  iterate,
  latency,
  grpc,
  python,
  session,
  store,
  growth,
  cluster,
  pickle,
};

/** Those that the table of bars is filled from. */
export const barSections: readonly string[] = [
  "operations",
  "atomic",
  "update",
  "iterate",
  "grpc",
  "store",
  "growth",
  "cluster",
  "pickle",
];

/** Those that drive the same clients; the others need nothing of each other. */
export const sharingSections: readonly string[] = ["operations", "atomic", "update", "iterate", "latency"];
