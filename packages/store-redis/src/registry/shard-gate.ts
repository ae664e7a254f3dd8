/**
 * Keeps the order of the calls of one shard through a change of the dictionary's set-up.
 *
 * A shard refuses a call that goes by an older set-up. Such a call is made again, and must not land behind a later one that goes
 * by the new set-up already. So later calls queue behind refused ones, and a new set-up is used only when no call is under
 * way that went by another one.
 */

import type { Reply } from "../resp/reply.ts";

/** A call on a shard. */
export interface GatedCall {
  /** Makes an attempt, in its turn. */
  send(): Promise<Reply>;
  /** Learns why a reply refuses the attempt; undefined: it does not. A refused one had no effect. */
  refusal(reply: Reply): (() => Promise<void>) | undefined;
}

interface Held {
  readonly call: GatedCall;
  /** In which order it was made. */
  readonly number: number;
  /** What is to be learned first, of a call that was refused. */
  readonly learn: (() => Promise<void>) | undefined;
  readonly resolve: (reply: Promise<Reply>) => void;
  readonly reject: (error: unknown) => void;
}

/** The gate of a shard. */
export class ShardGate {
  /** Tells the set-up that the next attempt goes by. */
  readonly #setUpNow: () => string;
  /** What the attempts under way go by, and how many they are. */
  #setUp = "";
  #underWay = 0;
  #made = 0;
  #held: Held[] = [];
  #learning = false;

  constructor(setUpNow: () => string) {
    this.#setUpNow = setUpNow;
  }

  /** Makes a call, again where it is refused. */
  run(call: GatedCall): Promise<Reply> {
    const number = this.#made++;
    const isOther = this.#underWay > 0 && this.#setUp !== this.#setUpNow();
    return this.#held.length > 0 || isOther ? this.#hold(call, number) : this.#send(call, number);
  }

  #send(call: GatedCall, number: number): Promise<Reply> {
    this.#setUp = this.#setUpNow();
    const answer = call.send();
    this.#underWay++;
    return answer.then(
      (reply) => {
        this.#underWay--;
        const learn = call.refusal(reply);
        const result = learn === undefined ? reply : this.#hold(call, number, learn);
        this.#release();
        return result;
      },
      (error) => {
        this.#underWay--;
        this.#release();
        throw error;
      },
    );
  }

  #hold(call: GatedCall, number: number, learn?: () => Promise<void>): Promise<Reply> {
    return new Promise((resolve, reject) => {
      this.#held.push({ call, number, learn, resolve, reject });
    });
  }

  /** Lets the held calls go on, once no call is under way. */
  #release(): void {
    if (this.#held.length === 0 || this.#underWay > 0 || this.#learning) return;
    const refused = this.#held.filter(({ learn }) => learn !== undefined);
    if (refused.length === 0) this.#sendHeld();
    else this.#learn(refused);
  }

  /** Sees to what the first refusal asks for; the others may have had the same reason, or are refused once more. */
  #learn(refused: readonly Held[]): void {
    this.#learning = true;
    const learn = refused[0]!.learn!;
    learn()
      .catch((error) => {
        this.#held = this.#held.filter((held) => !refused.includes(held));
        for (const { reject } of refused) reject(error);
      })
      .finally(() => {
        this.#learning = false;
        this.#sendHeld();
      });
  }

  #sendHeld(): void {
    const held = this.#held.sort((one, other) => one.number - other.number);
    this.#held = [];
    for (const { call, number, resolve } of held) resolve(this.#send(call, number));
  }
}
