import type { Segment } from "../segments/segment.ts";
import { DecidedKey, type RecordBytes } from "./decided-key.ts";
import type { KeyState } from "./key-state.ts";

/** A put, not durable yet, of an entry that has a time to live of its own. */
export class TimedKey extends DecidedKey {
  readonly #ownTtlMs: number;

  constructor(put: DecidedKey, ownTtlMs: number) {
    super(put.hash, put.keyLength, put.decision, put.version, put.expiresAtMs, put.group, put.record);
    this.#ownTtlMs = ownTtlMs;
  }

  override get ownTtlMs(): number {
    return this.#ownTtlMs;
  }
}

/** When an entry ends. */
export interface MovedEnd {
  readonly expiresAtMs: number;
  readonly ownTtlMs: number | undefined;
}

/**
 * A move of an entry's end that is not durable yet. Everything else is as in what decided the key before. That may be a
 * slot: it stays the key's as long as nothing later is decided, since an entry whose end is about to move is not swept.
 */
export class MovedKey extends DecidedKey {
  readonly #entry: KeyState;
  readonly #ownTtlMs: number | undefined;

  /** @param record - that moves the end; it has the key */
  constructor(
    hash: number,
    entry: KeyState,
    { expiresAtMs, ownTtlMs }: MovedEnd,
    group: number,
    record: RecordBytes,
  ) {
    super(hash, entry.keyLength, "put", entry.version, expiresAtMs, group, record);
    this.#entry = entry instanceof MovedKey ? entry.#entry : entry;
    this.#ownTtlMs = ownTtlMs;
  }

  override get ownTtlMs(): number | undefined {
    return this.#ownTtlMs;
  }

  override get segment(): Segment {
    return this.#entry.segment;
  }

  override get offset(): number {
    return this.#entry.offset;
  }

  override get length(): number {
    return this.#entry.length;
  }

  override value(): Buffer | undefined {
    return this.#entry.value();
  }
}
