/**
 * Runs regular work that no call triggers. Entries that were popped or written over become garbage without a report. A
 * full disk may have room again because another program freed some. On a full disk the work runs more often, and
 * removes at once what has expired, and answers to calls that nobody repeats any more. Keeps no process alive.
 */

import { setImmediate } from "node:timers";
import type { RecordedAnswers } from "../entries/recorded-answers.ts";
import type { Sweeper } from "../entries/sweeper.ts";
import type { DiskRoom } from "../log/disk-room.ts";
import type { Compactor } from "./compactor.ts";

const intervalMs = 1000;
const intervalWhenFullMs = 100;
const sliceMax = 1000;

export interface HousekeeperOptions {
  readonly room: DiskRoom;
  readonly compactor: Compactor;
  readonly sweeper: Sweeper;
  readonly answers: RecordedAnswers;
}

export class Housekeeper {
  readonly #options: HousekeeperOptions;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #round: Promise<void> | undefined;
  #isStopped = false;

  constructor(options: HousekeeperOptions) {
    this.#options = options;
  }

  /** Begins, or goes on at the pace that suits the disk now. */
  start(): void {
    clearTimeout(this.#timer);
    if (this.#isStopped) return;
    const delayMs = this.#options.room.isFull ? intervalWhenFullMs : intervalMs;
    this.#timer = setTimeout(() => {
      this.#round ??= this.#goRound().finally(() => {
        this.#round = undefined;
        this.start();
      });
    }, delayMs);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#round;
  }

  async #goRound(): Promise<void> {
    const { room, compactor } = this.#options;
    if (room.isFull) await this.#makeRoom();
    if (this.#isStopped) return;
    await room.look();
    compactor.consider();
  }

  async #makeRoom(): Promise<void> {
    const { sweeper, answers, compactor } = this.#options;
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    try {
      while (!this.#isStopped && (await sweeper.sweep(sliceMax)).more) {
        compactor.consider();
        await turn();
      }
      while (!this.#isStopped && answers.sweepEarly(sliceMax) === sliceMax) await turn();
    } catch {
      // The next round tries again; the sweeps that the engine asks for say why.
    }
  }
}
