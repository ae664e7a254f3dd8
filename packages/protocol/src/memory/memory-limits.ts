import { createError } from "../errors.ts";
import { limitDefaults } from "../limit-defaults.ts";

/** What may be held. Everything that is absent has its default of `limitDefaults`. */
export interface MemoryLimits {
  /** For all clients together, small requests not counted. Default: 1 GiB. */
  readonly clientMemoryMaxBytes?: number | undefined;
  /** For one token. Default: half of that. */
  readonly tokenMemoryMaxBytes?: number | undefined;
  /** Small requests of one token. Default: 32 MiB. */
  readonly tokenSmallRequestsMaxBytes?: number | undefined;
  /** Small requests of one token's sessions. Default: 64 MiB. */
  readonly tokenPendingMaxBytes?: number | undefined;
  /** Answers that one connection has not taken, before its next calls wait. Default: 16 MiB. */
  readonly connectionAnswersMaxBytes?: number | undefined;
  /** Streams of one token. Default: 4,096. */
  readonly tokenStreamsMax?: number | undefined;
}

/** The limits with their defaults. */
export type ResolvedMemoryLimits = { readonly [Name in keyof MemoryLimits]-?: number };

/** The limits with their defaults. @throws `invalid_argument` for one that is not positive */
export function resolveMemoryLimits(limits: MemoryLimits): ResolvedMemoryLimits {
  const clientMemoryMaxBytes = limits.clientMemoryMaxBytes ?? limitDefaults.clientMemoryMaxBytes;
  const resolved = {
    clientMemoryMaxBytes,
    tokenMemoryMaxBytes: limits.tokenMemoryMaxBytes ?? Math.floor(clientMemoryMaxBytes / 2),
    tokenSmallRequestsMaxBytes: limits.tokenSmallRequestsMaxBytes ?? limitDefaults.tokenSmallRequestsMaxBytes,
    tokenPendingMaxBytes: limits.tokenPendingMaxBytes ?? limitDefaults.tokenPendingMaxBytes,
    connectionAnswersMaxBytes: limits.connectionAnswersMaxBytes ?? limitDefaults.connectionAnswersMaxBytes,
    tokenStreamsMax: limits.tokenStreamsMax ?? limitDefaults.tokenStreamsMax,
  };
  for (const [name, value] of Object.entries(resolved)) {
    if (!(value > 0)) throw createError("invalid_argument", `${name} is ${value}, it must be positive`);
  }
  return resolved;
}
