import { createError, defaultLimits, limitDefaults, type Role, roles } from "@everdict/protocol";
import { frameMinMaxBytes, Setting, serverLevel, transferMaxBytes } from "../frames/wire.ts";
import type { Settings } from "../messages/settings.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
/** What a request takes on the wire besides the bytes that the engine's limit counts. */
const overheadBytes = MIB;

/** What a server allows one session. Everything that is absent has the default named with it. */
export interface SessionLimits {
  /** The largest request as the service counts it, in bytes; on the wire it may take 1 MiB more. Default: 101 MiB. */
  readonly requestMaxBytes?: number | undefined;
  /** Most entries in one request. Default: 10,000. */
  readonly requestMaxEntries?: number | undefined;
  /** Requests that wait for the service, streams not counted; more are refused as `overloaded`. Default: 8,192. */
  readonly requestsMax?: number | undefined;
  /** Open streams; more are refused as `overloaded`. Default: 1,024. */
  readonly streamsMax?: number | undefined;
  /** Bytes of requests in parts; what is over it is refused as `overloaded`. Default: twice the largest request. */
  readonly partsMaxBytes?: number | undefined;
  /** Bytes of other requests that wait for the service; over it the session is not read. Default: 16 MiB. */
  readonly pendingMaxBytes?: number | undefined;
  /** Dictionaries that can have a number at once. Default: 1,024. */
  readonly dictNumbersMax?: number | undefined;
  /** How long a client may take to say HELLO, in milliseconds. Default: 10,000. */
  readonly helloTimeoutMs?: number | undefined;
  /** How long an upload or a download may stand still; it is ended within twice as long. Default: 30,000 ms. */
  readonly clientStallMs?: number | undefined;
  /** How long a client may be silent before it is asked for a sign of life, in milliseconds. Default: 30,000. */
  readonly pingIntervalMs?: number | undefined;
}

/** The limits with their defaults. */
export type ResolvedSessionLimits = { readonly [Name in keyof SessionLimits]-?: number } & {
  /** The longest frame that is read. */
  readonly frameMaxBytes: number;
  /** The largest message in parts. */
  readonly messageMaxBytes: number;
};

/** Fills in the defaults. @throws `invalid_argument` for a limit that is not positive */
export function resolveSessionLimits(limits: SessionLimits = {}): ResolvedSessionLimits {
  const { requestMaxBytes = defaultLimits.requestMaxBytes } = limits;
  const messageMaxBytes = Math.min(transferMaxBytes, requestMaxBytes + overheadBytes);
  const resolved = {
    frameMaxBytes: Math.max(frameMinMaxBytes, 128 * KIB),
    messageMaxBytes,
    requestMaxBytes,
    requestMaxEntries: limits.requestMaxEntries ?? defaultLimits.requestMaxEntries,
    requestsMax: limits.requestsMax ?? limitDefaults.sessionRequestsMax,
    streamsMax: limits.streamsMax ?? limitDefaults.sessionStreamsMax,
    partsMaxBytes: limits.partsMaxBytes ?? 2 * messageMaxBytes,
    pendingMaxBytes: limits.pendingMaxBytes ?? limitDefaults.sessionPendingMaxBytes,
    dictNumbersMax: limits.dictNumbersMax ?? limitDefaults.sessionDictNumbersMax,
    helloTimeoutMs: limits.helloTimeoutMs ?? limitDefaults.sessionHelloTimeoutMs,
    clientStallMs: limits.clientStallMs ?? limitDefaults.clientStallMs,
    pingIntervalMs: limits.pingIntervalMs ?? limitDefaults.sessionPingIntervalMs,
  };
  for (const [name, value] of Object.entries(resolved)) {
    if (!(value > 0)) throw createError("invalid_argument", `${name} is ${value}, it must be positive`);
  }
  return resolved;
}

/** What the client is told of them, and of what its token may do. */
export function settingsFor(limits: ResolvedSessionLimits, role: Role | undefined): Settings {
  const settings = new Map<number, number>([
    [Setting.frameMaxBytes, limits.frameMaxBytes],
    [Setting.messageMaxBytes, limits.messageMaxBytes],
    [Setting.requestsMax, limits.requestsMax],
    [Setting.streamsMax, limits.streamsMax],
    [Setting.partsMaxBytes, Math.min(transferMaxBytes, limits.partsMaxBytes)],
    [Setting.dictNumbersMax, limits.dictNumbersMax],
    [Setting.level, serverLevel],
  ]);
  if (role !== undefined) settings.set(Setting.role, roles.indexOf(role) + 1);
  return settings;
}
