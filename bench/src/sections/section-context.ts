import type { Lab } from "../lab.ts";
import type { Mode, Section } from "../report/report.ts";

/** What a section works with. */
export interface SectionContext {
  readonly mode: Mode;
  /** `bars`: only what the table of bars needs, in more rounds. */
  readonly plan: "whole" | "bars";
  readonly lab: Lab;
  /** Which comparisons to make, by their ids. */
  readonly cases: RegExp;
  readonly onProgress: (text: string) => void;
}

/** For what takes long: each transport, and Redis at its best, at the levels of durability that matter. */
export const fewCandidates = [
  "redis-everysec-ioredis-auto",
  "everdict-everysec-session",
  "everdict-everysec-session-spin",
  "redis-always-ioredis-auto",
  "everdict-sync-session",
  "everdict-sync-websocket",
  "everdict-sync-grpc",
  "everdict-sync-inprocess",
] as const;

/** Measures one section. */
export type RunSection = (context: SectionContext) => Promise<Section>;

/** How long and how often, by mode. */
export interface Timing {
  readonly rounds: number;
  readonly roundsMax: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

/** The timing of interleaved loops. */
export function timingOf({ mode, plan }: SectionContext): Timing {
  if (mode === "smoke") return { rounds: 1, roundsMax: 1, warmUpMs: 5, measureMs: 25 };
  if (mode === "quick") return { rounds: 2, roundsMax: 2, warmUpMs: 150, measureMs: 300 };
  if (plan === "bars") return { rounds: 5, roundsMax: 9, warmUpMs: 300, measureMs: 700 };
  return { rounds: 3, roundsMax: 5, warmUpMs: 250, measureMs: 500 };
}
