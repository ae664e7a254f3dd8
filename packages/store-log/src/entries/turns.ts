import type { RecordGroup } from "../log/commit-group.ts";

/** The result of a turn: an answer, and the group that must be durable before the answer is given. */
export interface TurnOutcome<Answer> {
  readonly answer: Answer;
  readonly group?: RecordGroup | undefined;
}

/**
 * Lets registry changes through one at a time: the next is decided only when the one before it is durable and
 * applied. The registry asks for that (see `Registry`), and changes are rare.
 */
export class Turns {
  #last: Promise<void> | undefined;

  /**
   * Decides at once if no change is waiting, else when all changes before it are done.
   *
   * @param mayRepeat - whether to decide once more, in the same turn, when the group failed with that
   */
  take<Answer>(
    decide: () => TurnOutcome<Answer>,
    mayRepeat: (error: unknown) => boolean = never,
  ): Promise<Answer> {
    const before = this.#last;
    const run = () => this.#run(decide, mayRepeat);
    const answer = before === undefined ? run() : before.then(run);
    const done = answer.then(ignore, ignore);
    this.#last = done;
    void done.then(() => {
      if (this.#last === done) this.#last = undefined;
    });
    return answer;
  }

  /** Resolves when nobody is waiting. */
  async idle(): Promise<void> {
    while (this.#last !== undefined) await this.#last;
  }

  // Not an async function: with nobody before, the decision must fall within the call.
  #run<Answer>(decide: () => TurnOutcome<Answer>, mayRepeat: (error: unknown) => boolean): Promise<Answer> {
    const repeat = (error: unknown): Promise<Answer> => {
      if (!mayRepeat(error)) throw error;
      return this.#run(decide, mayRepeat);
    };
    try {
      const { answer, group } = decide();
      return group === undefined ? Promise.resolve(answer) : group.durable.then(() => answer, repeat);
    } catch (error) {
      return Promise.reject(error);
    }
  }
}

function never(): boolean {
  return false;
}

function ignore(): void {}
