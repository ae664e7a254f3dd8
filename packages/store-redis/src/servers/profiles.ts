import type { Durability } from "@everdict/store";

/** What a profile asks of the cluster, and what the store waits for. */
export interface Profile {
  /** Replicas that must have a write before it is answered. */
  readonly waitReplicas: number;
  /** Whether servers must write a log (`appendonly`). */
  readonly needsLog: boolean;
  /** What the store says of itself. */
  readonly durability: Durability;
}

/**
 * What is promised for an acknowledged write, by name. In full in docs/cluster.md.
 *
 * - `cache`: nothing; contents may vanish at any time.
 * - `fast`: survives the end of any process. The loss of a machine loses what its replica did not have yet.
 * - `replicated`: survives the loss of any one server.
 * - `strict`: survives the loss of any one server also if a replica without the write wins the election: all of
 *   two replicas have it, and servers should write their log through (`appendfsync always`).
 */
export const profiles = {
  cache: { waitReplicas: 0, needsLog: false, durability: "memory" },
  fast: { waitReplicas: 0, needsLog: true, durability: "everysec" },
  replicated: { waitReplicas: 1, needsLog: true, durability: "everysec" },
  strict: { waitReplicas: 2, needsLog: true, durability: "everysec" },
} as const satisfies Record<string, Profile>;

/** The name of a profile. */
export type ProfileName = keyof typeof profiles;
