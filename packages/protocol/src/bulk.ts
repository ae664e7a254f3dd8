/** Reads of more than one entry: what the methods for them take and return. */

import type { Version } from "./commit.ts";
import type { Entry } from "./entry.ts";

/** How many bytes of values `getMany` and `page` return, more only for a single large one. */
export const bulkAnswerBytes: number = 4 * 1024 * 1024;

/** A live entry and what is known of it. */
export interface FoundEntry {
  readonly value: Uint8Array;
  readonly version: Version;
  /** When it ends, in milliseconds since the Unix epoch. Undefined: never. */
  readonly expiresAtMs: number | undefined;
}

/** Bytes at a place in a key. */
export interface KeyPart {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** Matches a key in which all of these are. */
export type KeyPattern = readonly KeyPart[];

/** A page to read. */
export interface PageRequest {
  /** Only keys that match one of these. Absent: all keys. */
  readonly match?: readonly KeyPattern[] | undefined;
  /** The `next` of the page before. Absent: from the beginning. */
  readonly after?: Uint8Array | undefined;
  /** How many entries at most, at least 1. */
  readonly limit: number;
  /** Whether values are wanted; if not they are empty. */
  readonly values: boolean;
}

/** Some entries, in an order that means nothing and stays the same. */
export interface Page {
  /** May be fewer than asked for, or none, although more follow. */
  readonly entries: readonly Entry[];
  /** Where the next page begins. Undefined: these were the last. */
  readonly next: Uint8Array | undefined;
}

/** How much is in a dictionary. */
export interface DictStats {
  /** As `len`: with those that have ended and are not yet swept. */
  readonly entries: number;
  /** What keys and values of these take where they are stored, in bytes. Undefined: the store does not know. */
  readonly bytes: number | undefined;
}
