/** What a router met since it was opened. All are counters except the last two. */
export interface RouterStats {
  /** Commands sent again, by reason: `moved`, `ask`, `noscript`, `lost`, `refused`, or the code of the reply. */
  readonly retries: Readonly<Record<string, number>>;
  /** Commands sent again, by server that could not do them. */
  readonly retriesByServer: Readonly<Record<string, number>>;
  /** Times that a `WAIT` saw too few replicas within its slice. */
  readonly waitShortfalls: number;
  /** Calls given up because too few replicas had their write until their deadline. */
  readonly notReplicated: number;
  /** Calls given up because their deadline passed. */
  readonly deadlinesExceeded: number;
  /** Calls refused because too much was queued for their server. */
  readonly refusedOverloaded: number;
  /** Views of the slot map taken over. */
  readonly slotMapRefreshes: number;
  /** Age of the slot map, in milliseconds. */
  readonly slotMapAgeMs: number;
  /** Servers that own slots. */
  readonly servers: number;
}

/** Counts by name. */
export class Counts {
  readonly #counts = new Map<string, number>();

  /** Adds one. */
  add(name: string): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  /** The counts so far. */
  snapshot(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }
}
