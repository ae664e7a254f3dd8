import { createError } from "../errors.ts";
import { limitDefaults } from "../limit-defaults.ts";
import { ReadQueue } from "./read-queue.ts";
import { TokenMemory } from "./token-memory.ts";

/**
 * The one account of what a server holds in memory for its clients, over all transports: by connection, token and
 * server.
 *
 * What is counted is what is really there: bytes of requests that have arrived, values from when they are read until
 * the connection took them, batches of streams. Nothing that was only announced counts.
 *
 * Nobody's load becomes another's refusal: a token may hold what its share allows, and never more than it leaves for
 * others, so that there is always room for one more token. Small requests have a room of their own, so they pass
 * whatever large ones do. Large values wait for room before they are read, in turns by bytes.
 */

/** What memory is held for. */
export const memoryKinds = [
  /** Large requests: what has arrived, until they have their answers. */
  "requests",
  /** Small ones that may be refused, as those over gRPC and those in parts. */
  "smallRequests",
  /** Small ones of sessions, which are not read any further instead. */
  "pending",
  /** Large values that are being read for calls. */
  "reads",
  /** Answers that the connection has not taken yet. */
  "answers",
  /** Batches of streams that are read, or not sent yet. */
  "streams",
] as const;

/** One of {@link memoryKinds}. */
export type MemoryKind = (typeof memoryKinds)[number];

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

/** What an account counted. Cheap to ask for. */
export interface MemoryStats {
  /** What is held now, in bytes. */
  readonly heldBytes: Readonly<Record<MemoryKind, number>>;
  /** Large values that wait for room now. */
  readonly waitingReads: number;
  /** What was refused as `overloaded`, since the start. */
  readonly refused: number;
  /** Uploads and downloads that were ended because they did not get on, since the start. */
  readonly stalled: number;
}

/** Requests up to this size pass from a room of their own. */
export const smallRequestMaxBytes = limitDefaults.smallRequestMaxBytes;

/** Whether something does not count against the room for everything else. */
export function hasOwnRoom(kind: MemoryKind): boolean {
  return kind === "smallRequests" || kind === "pending";
}

/** The account of one server. */
export class MemoryAccount {
  readonly limits: ResolvedMemoryLimits;
  readonly reads = new ReadQueue(this);
  readonly #heldByKind = Object.fromEntries(memoryKinds.map((kind) => [kind, 0])) as Record<
    MemoryKind,
    number
  >;
  readonly #tokens = new Map<string, TokenMemory>();
  #heldBytes = 0;
  #requestBytes = 0;
  #refused = 0;
  #stalled = 0;

  /** @throws `invalid_argument` for a limit that is not positive */
  constructor(limits: MemoryLimits = {}) {
    this.limits = resolveMemoryLimits(limits);
  }

  /** What is held in all, small requests not counted. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** What of it is no request: it goes as the clients take it. */
  get outgoingBytes(): number {
    return this.#heldBytes - this.#requestBytes;
  }

  /** What nobody holds. */
  get freeBytes(): number {
    return this.limits.clientMemoryMaxBytes - this.#heldBytes;
  }

  /** The account of one token, by the id of its caller; the same one each time. */
  token(id: string): TokenMemory {
    let token = this.#tokens.get(id);
    if (token === undefined) {
      token = new TokenMemory(this);
      this.#tokens.set(id, token);
    }
    return token;
  }

  /** What is held has changed by so many bytes. Only for the accounts of tokens. */
  changed(kind: MemoryKind, bytes: number): void {
    this.#heldByKind[kind] += bytes;
    if (hasOwnRoom(kind)) return;
    this.#heldBytes += bytes;
    if (kind === "requests") this.#requestBytes += bytes;
    if (bytes < 0) this.reads.onRoom();
  }

  /** Something was refused for want of room. */
  noteRefused(): void {
    this.#refused++;
  }

  /** Something was ended because its client did not get on with it. */
  noteStalled(): void {
    this.#stalled++;
  }

  /** What was counted. */
  stats(): MemoryStats {
    return {
      heldBytes: { ...this.#heldByKind },
      waitingReads: this.reads.size,
      refused: this.#refused,
      stalled: this.#stalled,
    };
  }
}

function resolveMemoryLimits(limits: MemoryLimits): ResolvedMemoryLimits {
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
