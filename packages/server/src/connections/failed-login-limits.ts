import { limitDefaults } from "@everdict/protocol";

/** How failed logins are slowed and logged. `docs/connections.md` explains the figures. */
export const failedLoginLimits = {
  /** This many failures are answered at once, counted by address or by token id, whichever is more. */
  freeFailures: 10,
  /** Each failure beyond that waits this much longer, in milliseconds ... */
  delayStepMs: 100,
  /** ... and no longer than this. */
  delayMaxMs: limitDefaults.failedLoginDelayMaxMs,
  /** This many failures are forgotten each second. */
  drainPerSecond: 1,
  /**
   * More failures are not remembered, so that a client that stops failing is answered at once again within a minute.
   */
  failuresMax: 60,
  /** How many addresses, and how many token ids, are counted at once. */
  countersMax: 4096,
  /**
   * The least time between two lines about one address, in milliseconds. A line has the number of failures since the
   * last.
   */
  logIntervalMs: 10_000,
  /** Lines for all addresses together. */
  logLinesPerMinute: 60,
  /** The form of a token id. Any other text is not counted by id, and not logged. */
  tokenIdShape: /^ak-[A-Za-z0-9]{1,64}$/,
} as const;
