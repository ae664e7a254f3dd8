import type { RecordGroup } from "./commit-group.ts";

/** What a turn leads to: an answer, and the group that must be durable before it is given. */
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

  /** Decides at once if nobody is before, else when everybody before is done. */
  take<Answer>(decide: () => TurnOutcome<Answer>): Promise<Answer> {
    const before = this.#last;
    const answer = before === undefined ? this.#run(decide) : before.then(() => this.#run(decide));
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
  #run<Answer>(decide: () => TurnOutcome<Answer>): Promise<Answer> {
    try {
      const { answer, group } = decide();
      return group === undefined ? Promise.resolve(answer) : group.durable.then(() => answer);
    } catch (error) {
      return Promise.reject(error);
    }
  }
}

function ignore(): void {}
