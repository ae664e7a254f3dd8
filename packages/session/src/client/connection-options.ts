import { createError, systemTimers, type Timers } from "@everdict/protocol";
import type { Carrier } from "../carriers/carrier.ts";
import { helloMaxBytes, Setting, sessionVersion } from "../frames/wire.ts";
import { clientIdBytes, type Hello, helloRoom } from "../messages/handshake.ts";
import { spinPlatform } from "../time/bounded-spin.ts";
import { type AtEndOfTurn, atEndOfTurn } from "../time/turns.ts";
import {
  clientFrameMaxBytes,
  clientMessageMaxBytes,
  type LinkEvents,
  type LinkOptions,
} from "./link-options.ts";

/** The options of a session's client about its connections. */
export interface ConnectionOptions {
  /** Who calls. Leave both out if the connection itself is authenticated. */
  readonly tokenId?: string | undefined;
  readonly tokenSecret?: string | undefined;
  /** What the client calls itself, for the server's log. Default: `everdict-js`. */
  readonly agent?: string | undefined;
  /**
   * How long a call without a timeout of its own may take, in milliseconds; `Infinity` for no bound. For large
   * values and for streams: how long nothing may move; a repeat moves nothing until it gets further than the attempt
   * before. Kept to within an eighth. Default: 30,000.
   */
  readonly timeoutMs?: number | undefined;
  /** How many calls may be outstanding before further ones wait. Default: 4,096. */
  readonly windowOperations?: number | undefined;
  /** How many bytes of requests may be outstanding before further ones wait. Default: 4 MiB. */
  readonly windowBytes?: number | undefined;
  /** The same for requests over 16 KiB, of which one may always be under way. Default: 16 MiB. */
  readonly windowLargeBytes?: number | undefined;
  /** How long the server may take to accept the session, in milliseconds. Default: 5,000. */
  readonly openTimeoutMs?: number | undefined;
  /**
   * How long the server may be silent while answers are due before it is asked for a sign of life; without one in
   * as long again the connection counts as lost. In milliseconds. Default: 10,000.
   */
  readonly pingIntervalMs?: number | undefined;
  /**
   * Keeps the event loop awake for up to 0.25 ms while an answer is due, and asks the server to do likewise, where
   * the platform can: less latency for calls made one after the other on one machine. Default: false.
   */
  readonly lowLatency?: boolean | undefined;
  /** How to wait. Default: the platform's timers. */
  readonly timers?: Timers | undefined;
  /** When batches go. Default: the platform's best. */
  readonly atEndOfTurn?: AtEndOfTurn | undefined;
  /** Fills bytes with random ones. Default: the platform's cryptographic source. */
  readonly randomBytes?: ((bytes: Uint8Array<ArrayBuffer>) => void) | undefined;
}

/** The options with their defaults. */
export type ResolvedConnectionOptions = Omit<LinkOptions<never>, "carrier" | "events"> & {
  readonly timeoutMs: number;
};

const MIB = 1024 * 1024;

/**
 * Fills in the defaults and makes up the client's id.
 *
 * @throws `invalid_argument` for a number out of range, or credentials too long for a HELLO
 */
export function resolveConnectionOptions(options: ConnectionOptions): ResolvedConnectionOptions {
  return {
    hello: helloFor(options),
    timers: options.timers ?? systemTimers,
    atEndOfTurn: options.atEndOfTurn ?? atEndOfTurn,
    timeoutMs: positive("timeoutMs", options.timeoutMs ?? 30_000),
    window: {
      operations: positive("windowOperations", options.windowOperations ?? 4096),
      bytes: positive("windowBytes", options.windowBytes ?? 4 * MIB),
      largeBytes: positive("windowLargeBytes", options.windowLargeBytes ?? 16 * MIB),
    },
    openTimeoutMs: positive("openTimeoutMs", options.openTimeoutMs ?? 5000),
    pingIntervalMs: positive("pingIntervalMs", options.pingIntervalMs ?? 10_000),
    spin: options.lowLatency ? spinPlatform() : undefined,
  };
}

/** What one connection is made of. */
export function linkOptions<Link>(
  { timeoutMs: _, ...options }: ResolvedConnectionOptions,
  carrier: Carrier,
  events: LinkEvents<Link>,
): LinkOptions<Link> {
  return { ...options, carrier, events };
}

function helloFor(options: ConnectionOptions): Hello {
  const clientId = new Uint8Array(clientIdBytes);
  const { randomBytes = (bytes: Uint8Array<ArrayBuffer>) => void crypto.getRandomValues(bytes) } = options;
  randomBytes(clientId);
  const hello: Hello = {
    minVersion: sessionVersion,
    maxVersion: sessionVersion,
    clientId,
    tokenId: options.tokenId ?? "",
    tokenSecret: options.tokenSecret ?? "",
    agent: options.agent ?? "everdict-js",
    settings: new Map<number, number>([
      [Setting.frameMaxBytes, clientFrameMaxBytes],
      [Setting.messageMaxBytes, clientMessageMaxBytes],
      [Setting.lowLatency, options.lowLatency ? 1 : 0],
    ]),
  };
  if (helloRoom(hello) <= helloMaxBytes) return hello;
  throw createError("invalid_argument", `token and agent take over ${helloMaxBytes} bytes together`);
}

function positive(name: string, value: number): number {
  if (value > 0) return value;
  throw createError("invalid_argument", `${name} is ${value}, it must be positive`);
}
