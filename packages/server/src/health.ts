/** What is wrong with a part of the server. */
export interface HealthProblem {
  /**
   * `degraded`: the server refuses some calls, or may refuse some, and answers others. `failed`: the server cannot
   * work, so `/readyz` says 503 and a load balancer chooses another one.
   */
  readonly state: "degraded" | "failed";
  /** A few words for anybody to read: no keys, names, paths or figures of the data. */
  readonly reason: string;
}

/**
 * The state of the parts of a server. The owner of a part reports when its state changes. `/readyz` shows what was
 * reported, so asking costs nothing. A part that never reported is well.
 *
 * @example
 * health.report("store", { state: "degraded", reason: "the disk is full" });
 * health.report("store", undefined); // well again
 */
export class Health {
  readonly #problems = new Map<string, HealthProblem>();
  readonly #listeners = new Set<() => void>();

  /** A part is in this state from now on; undefined for well. */
  report(part: string, problem: HealthProblem | undefined): void {
    if (problem === undefined) this.#problems.delete(part);
    else this.#problems.set(part, problem);
    for (const listener of this.#listeners) listener();
  }

  /** Calls a function after each report, whether anything is different or not. @returns what stops that */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** What is wrong, by part, in the order in which it began. Empty if all is well. */
  get problems(): ReadonlyMap<string, HealthProblem> {
    return this.#problems;
  }

  /** Whether no part has failed. */
  get isReady(): boolean {
    for (const { state } of this.#problems.values()) if (state === "failed") return false;
    return true;
  }
}
