/**
 * The figure of every limit there is. What each bounds, and what happens beyond it, is in `limit-table.ts`, which programs
 * need not load.
 */

const KIB = 1024;
const MIB = 1024 * KIB;

/** What holds unless it was changed, by the name of the limit. Sizes are in bytes, times in milliseconds. */
export const limitDefaults = {
  keyMaxBytes: 256 * KIB,
  valueMaxBytes: 100 * MIB,
  requestMaxEntries: 10_000,
  // One value of the largest size, its key, and room for a message around them.
  requestMaxBytes: 101 * MIB,
  requestKeysMaxBytes: 32 * MIB,
  requestTextMaxBytes: 128 * KIB,
  keyPatternsMax: 16,
  keyPatternsMaxBytes: 512 * KIB,
  pageCursorMaxBytes: 64 * KIB,
  dictShardsMax: 1024,
  clientMemoryMaxBytes: 1024 * MIB,
  tokenMemoryMaxBytes: 512 * MIB,
  smallRequestMaxBytes: 64 * KIB,
  tokenSmallRequestsMaxBytes: 32 * MIB,
  tokenPendingMaxBytes: 64 * MIB,
  connectionAnswersMaxBytes: 16 * MIB,
  tokenStreamsMax: 4096,
  clientStallMs: 30_000,
  progressMinBytes: KIB,
  recordedAnswersMaxBytes: 256 * MIB,
  strangersMaxBytes: 20 * MIB,
  strangersOfAddressMaxBytes: 12 * MIB,
  strangerRequestsMax: 16,
  requestHeadersMaxBytes: 16 * KIB,
  ignoredBodyMaxBytes: 64 * KIB,
  strangerAnswerTimeoutMs: 10_000,
  arrivedTimeoutMs: 5000,
  idleStrangerTimeoutMs: 10_000,
  failedLoginDelayMaxMs: 2000,
  sessionRequestsMax: 8192,
  sessionStreamsMax: 1024,
  sessionPendingMaxBytes: 16 * MIB,
  sessionDictNumbersMax: 1024,
  sessionHelloTimeoutMs: 10_000,
  sessionPingIntervalMs: 30_000,
} as const satisfies Record<string, number>;

/** The name of a limit. */
export type LimitName = keyof typeof limitDefaults;
