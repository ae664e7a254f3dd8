import { limitDefaults } from "@everdict/protocol";

/** How failed logins are slowed and logged. `docs/connections.md` explains the figures. */
export const failedLoginLimits = {
  /** This many failures are answered at once, counted by address or by token id, whichever is more. */
  freeFailures: 10,
  /** Failures beyond that wait for so much longer each, in milliseconds ... */
  delayStepMs: 100,
  /** ... and no longer than this. */
  delayMaxMs: limitDefaults.failedLoginDelayMaxMs,
  /** This many failures are forgotten each second. */
  drainPerSecond: 1,
  /** More are not remembered: one that stops failing is answered at once again within a minute. */
  failuresMax: 60,
  /** How many addresses, and how many token ids, are counted at once. */
  countersMax: 4096,
  /** A line for an address at most so often, in milliseconds. It has the number of failures since the last. */
  logIntervalMs: 10_000,
  /** Lines for all addresses together. */
  logLinesPerMinute: 60,
  /** What a token id looks like. Anything else is not counted by id, and not logged. */
  tokenIdShape: /^ak-[A-Za-z0-9]{1,64}$/,
} as const;
