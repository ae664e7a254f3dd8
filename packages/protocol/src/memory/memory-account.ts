import type { MemoryKind } from "./memory-kinds.ts";
import { type MemoryLimits, resolveMemoryLimits } from "./memory-limits.ts";
import { ReadQueue } from "./read-queue.ts";
import { ServerMemory } from "./server-memory.ts";
import { TokenMemory } from "./token-memory.ts";

/**
 * The one account of the memory that a server holds for its clients, over all transports: by connection, token and
 * server.
 *
 * It counts only bytes that are really in memory: requests that have arrived, values from when they are read until the
 * connection took them, batches of streams. Announced bytes do not count.
 *
 * The load of one token does not make the server refuse another. A token may hold what its share allows, and never more
 * than it leaves for others, so that there is always room for one more token. Small requests have room of their own, so
 * they pass whatever large ones do. Large values wait for room before they are read, in turns by bytes.
 */

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

/** The account of one server. */
export class MemoryAccount {
  readonly #server: ServerMemory;
  readonly #reads: ReadQueue;
  readonly #tokens = new Map<string, TokenMemory>();

  /** @throws `invalid_argument` for a limit that is not positive */
  constructor(limits: MemoryLimits = {}) {
    this.#server = new ServerMemory(resolveMemoryLimits(limits));
    this.#reads = new ReadQueue(this.#server);
  }

  /** The account of one token, by the id of its caller; the same one each time. */
  token(id: string): TokenMemory {
    let token = this.#tokens.get(id);
    if (token === undefined) {
      token = new TokenMemory(this.#server, this.#reads);
      this.#tokens.set(id, token);
    }
    return token;
  }

  /** What was counted. */
  stats(): MemoryStats {
    return { ...this.#server.stats(), waitingReads: this.#reads.size };
  }
}
