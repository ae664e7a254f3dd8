/**
 * Splitting the entries of one `update` over requests: as few as possible, since each is atomic, but none over
 * the limits that every server has by default.
 */

import { defaultLimits, type Entry, requestKeysMaxBytes } from "@everdict/protocol";

/** What one request may hold. */
export interface BatchLimits {
  readonly maxEntries: number;
  readonly maxBytes: number;
  /** Of the keys together. */
  readonly maxKeyBytes: number;
}

/** Room for what surrounds an entry in a request: field tags and lengths. */
const entryOverheadBytes = 24;
/** Room for the rest of the request. */
const requestOverheadBytes = 64 * 1024;

/** What our servers and Modal's accept. */
export const defaultBatchLimits: BatchLimits = {
  maxEntries: defaultLimits.requestMaxEntries,
  maxBytes: defaultLimits.requestMaxBytes - requestOverheadBytes,
  maxKeyBytes: requestKeysMaxBytes,
};

/** Gathers entries until a request is full. */
export class UpdateBatch {
  readonly #limits: BatchLimits;
  #entries: Entry[] = [];
  #bytes = 0;
  #keyBytes = 0;

  constructor(limits: BatchLimits = defaultBatchLimits) {
    this.#limits = limits;
  }

  /**
   * Adds an entry. If it does not fit any more, what was gathered before is returned, ready to be sent, and a
   * new batch begins with this entry. An entry that is over the limit alone travels alone: the server, which
   * may be configured for more, has the last word.
   */
  add(entry: Entry): readonly Entry[] | undefined {
    const bytes = entry.key.byteLength + entry.value.byteLength + entryOverheadBytes;
    const keyBytes = entry.key.byteLength;
    const { maxEntries, maxBytes, maxKeyBytes } = this.#limits;
    const isFull =
      this.#entries.length >= maxEntries ||
      this.#bytes + bytes > maxBytes ||
      this.#keyBytes + keyBytes > maxKeyBytes;
    const full = isFull && this.#entries.length > 0 ? this.take() : undefined;
    this.#entries.push(entry);
    this.#bytes += bytes;
    this.#keyBytes += keyBytes;
    return full;
  }

  /** What was gathered since; empty if nothing was. */
  take(): readonly Entry[] {
    const entries = this.#entries;
    this.#entries = [];
    this.#bytes = 0;
    this.#keyBytes = 0;
    return entries;
  }
}
