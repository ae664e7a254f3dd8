import { performance } from "node:perf_hooks";
import { nextSlice } from "@everdict/protocol";

// As a slice of `nextSlice` should last. Several calls may begin in one turn.
const sliceMs = 1;

/** A slice of work whose steps take very different times: a value may be in memory, or at the log. */
export class TimedSlice {
  #endsAtMs = performance.now() + sliceMs;

  /** Whether others should have their turn now. */
  get isOver(): boolean {
    return performance.now() >= this.#endsAtMs;
  }

  /** Resolves when the next slice may begin. */
  async next(): Promise<void> {
    await nextSlice();
    this.#endsAtMs = performance.now() + sliceMs;
  }
}
