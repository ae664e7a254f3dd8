import { createError } from "@everdict/protocol";
import { type Clock, type IdempotencyOption, otherArguments } from "@everdict/store";

/** How {@link RecentAnswers} is bounded. */
export interface RecentAnswersOptions {
  readonly clock: Clock;
  /** How long an answer is kept, in milliseconds. */
  readonly retentionMs: number;
  /** How many answers to one caller are kept at most. Each caller has its own limit. */
  readonly maxAnswers: number;
}

/**
 * Remembers answers by idempotency key, in memory, for calls whose idempotency keys the store does not take. Two calls with one
 * idempotency key under way at once are one call; a failure is not remembered, so that a repeat tries again.
 */
export class RecentAnswers<T> {
  readonly #options: RecentAnswersOptions;
  // In the order of time, because every answer is kept equally long.
  readonly #answers = new Map<
    string,
    { readonly of: string; readonly caller: string; readonly answer: Promise<T>; readonly untilMs: number }
  >();
  readonly #counts = new Map<string, number>();

  /** Remembers nothing yet. */
  constructor(options: RecentAnswersOptions) {
    this.#options = options;
  }

  /**
   * What the first call under this idempotency key answered; without one, the call's own answer.
   *
   * @param of - the call's argument
   * @throws `overloaded` if as many answers to the caller are still to be kept as may be; `conflict` if the first call had
   *   another argument
   */
  async once(
    { idempotencyKey, caller = "" }: IdempotencyOption,
    of: string,
    call: () => Promise<T>,
  ): Promise<T> {
    if (idempotencyKey === undefined) return call();
    this.#forget();
    const known = this.#answers.get(idempotencyKey);
    if (known !== undefined && known.of !== of) throw otherArguments();
    if (known !== undefined) return known.answer;
    const { clock, retentionMs, maxAnswers } = this.#options;
    const count = this.#counts.get(caller) ?? 0;
    if (count >= maxAnswers) {
      throw createError("overloaded", `${maxAnswers} idempotency keys are in use, which is the limit`);
    }
    const answer = call();
    this.#answers.set(idempotencyKey, { of, caller, answer, untilMs: clock() + retentionMs });
    this.#counts.set(caller, count + 1);
    answer.catch(() => this.#drop(idempotencyKey, caller));
    return answer;
  }

  #drop(idempotencyKey: string, caller: string): void {
    if (!this.#answers.delete(idempotencyKey)) return;
    const left = this.#counts.get(caller)! - 1;
    if (left === 0) this.#counts.delete(caller);
    else this.#counts.set(caller, left);
  }

  #forget(): void {
    const now = this.#options.clock();
    for (const [idempotencyKey, { untilMs, caller }] of this.#answers) {
      if (now < untilMs) return;
      this.#drop(idempotencyKey, caller);
    }
  }
}
