import { createError } from "@everdict/protocol";
import { type Clock, otherArguments } from "@everdict/store";

/** How {@link RecentAnswers} is bounded. */
export interface RecentAnswersOptions {
  readonly clock: Clock;
  /** How long an answer is kept, in milliseconds. */
  readonly retentionMs: number;
  /** How many answers are kept at most. */
  readonly maxAnswers: number;
}

/**
 * Remembers answers by token, in memory, for calls whose tokens the store does not take. Two calls with one
 * token under way at once are one call; a failure is not remembered, so that a repeat tries again.
 */
export class RecentAnswers<T> {
  readonly #options: RecentAnswersOptions;
  // In the order of time, since every answer is kept equally long.
  readonly #answers = new Map<
    string,
    { readonly of: string; readonly answer: Promise<T>; readonly untilMs: number }
  >();

  /** Remembers nothing yet. */
  constructor(options: RecentAnswersOptions) {
    this.#options = options;
  }

  /**
   * What the first call under this token answered; without one, the call's own answer.
   *
   * @param of - the call's argument
   * @throws `overloaded` if the memory is full of answers that are still to be kept; `conflict` if the first call had
   *   another argument
   */
  async once(token: string | undefined, of: string, call: () => Promise<T>): Promise<T> {
    if (token === undefined) return call();
    this.#forget();
    const known = this.#answers.get(token);
    if (known !== undefined && known.of !== of) throw otherArguments();
    if (known !== undefined) return known.answer;
    const { clock, retentionMs, maxAnswers } = this.#options;
    if (this.#answers.size >= maxAnswers) {
      throw createError("overloaded", `${maxAnswers} idempotency keys are in use, which is the limit`);
    }
    const answer = call();
    this.#answers.set(token, { of, answer, untilMs: clock() + retentionMs });
    answer.catch(() => this.#answers.delete(token));
    return answer;
  }

  #forget(): void {
    const now = this.#options.clock();
    for (const [token, { untilMs }] of this.#answers) {
      if (now < untilMs) return;
      this.#answers.delete(token);
    }
  }
}
