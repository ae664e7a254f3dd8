/**
 * How much the heavier tests do. CI runs the short forms; `node conformance/scripts/full.mjs` runs the full ones
 * by setting EVERDICT_FULL=1.
 */
const full = process.env.EVERDICT_FULL === "1";

/** The sizes in force. */
export const parameters = {
  /** Whether the server of the interop cases keeps everything in memory: EVERDICT_INTEROP_STORE=memory. */
  memoryStore: process.env.EVERDICT_INTEROP_STORE === "memory",
  /** Pops, and conditional puts, whose first answers are lost. */
  lostReplies: 1_000,
  /** The same for the clients of earlier days. */
  lostRepliesOfOldClients: full ? 1_000 : 200,
  /** Rounds in which 64 callers of 4 processes want one lock. */
  contentionRounds: full ? 1_000 : 150,
  /** The same with Python processes. */
  pythonContentionRounds: full ? 200 : 25,
  /** How many real records cross. */
  cities: full ? Number.POSITIVE_INFINITY : 60_000,
  /** Rounds of calls that each kill the server before its reply. */
  crashesBeforeReply: full ? 40 : 2,
  /** Rounds of kill -9 under load. */
  killRounds: full ? 50 : 3,
} as const;
