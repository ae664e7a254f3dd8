import { type KeyPattern, matchesKey, reachOfPatterns } from "@everdict/protocol";
import type { SlotState } from "../index/slot-state.ts";

/** Compares keys of a table with patterns. Of a key it copies only what the patterns look at. */
export class KeyMatcher {
  readonly #patterns: readonly KeyPattern[];
  readonly #reach: number;

  constructor(patterns: readonly KeyPattern[]) {
    this.#patterns = patterns;
    this.#reach = reachOfPatterns(patterns);
  }

  matches(state: SlotState): boolean {
    return matchesKey(this.#patterns, state.keyStart(this.#reach));
  }
}
