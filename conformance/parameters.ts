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
  /** Restarts under load from TypeScript, in turns by kill -9 and in order. */
  restartRounds: full ? 60 : 4,
  /** Increments of each of ten processes, and how often what they, or those of a bank, use is killed meanwhile. */
  increments: full ? 100_000 : 1_000,
  disturbances: full ? 5 : 2,
  /** Slots of a cluster that move under load as an operator moves them; 0: the dictionary's own, one by one. */
  slotsMoved: full ? 3_000 : 0,
  /** How often servers and masters of a cluster are killed under load. */
  failureRounds: full ? 5 : 1,
  /** HTTP/2 byte streams that no client sends; rounds of each flood; connections of each kind that stall. */
  hostileStreams: full ? 100_000 : 2_000,
  floodRounds: full ? 10 : 1,
  stalledConnections: full ? 100 : 10,
  /** Entries of the dictionary whose consumers stop. */
  streamedEntries: full ? 1_000_000 : 100_000,
  /** Values of 4 MiB that eight Python threads put and pop beside a client that takes locks. */
  popsOfLargeValues: full ? 2_000 : 96,
  /** Idle sessions of each kind, and ephemeral dictionaries, that a server holds. */
  idleSessions: full ? 5_000 : 1_000,
  /** Entries of one dictionary, and dictionaries of one environment, that must not hold the event loop. */
  loopEntries: full ? 1_000_000 : 100_000,
  loopDicts: full ? 205_000 : 20_000,
  /** The same where each is flushed to disk, and values of the largest size that are read at once. */
  loopDurableDicts: full ? 205_000 : 1_000,
  loopValuesAtOnce: full ? 4 : 1,
  ephemeralDicts: full ? 50_000 : 1_000,
} as const;
