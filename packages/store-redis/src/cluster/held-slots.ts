/**
 * Calls that wait to be sent again, by slot and kind. Later calls wait with them, because they must not overtake.
 *
 * After a pause, and once no call of the slot is under way, they leave in the order in which they were made. If the
 * slot's server could not be reached or was not able, one call goes ahead, and the others follow when it has an answer.
 * Otherwise, in a failover of some seconds, all waiting calls would be sent in vain many times.
 */

import type { Call } from "./call.ts";

/** What the held calls need of their router. */
export interface HeldSlotsEvents {
  /** Whether calls of a slot and kind are under way. */
  isUnderWay(place: number): boolean;
  /** Sends a call; nothing is held in its way any more. */
  send(call: Call): void;
}

interface Held {
  calls: Call[];
  timer: NodeJS.Timeout | undefined;
  /** The pause is over. */
  due: boolean;
  /** One is to go ahead. */
  careful: boolean;
  /** The one that went ahead. */
  probe: Call | undefined;
}

/** The calls that wait, of all slots. */
export class HeldSlots {
  readonly #events: HeldSlotsEvents;
  readonly #held = new Map<number, Held>();

  constructor(events: HeldSlotsEvents) {
    this.#events = events;
  }

  /** Whether nothing is held at all. */
  get isEmpty(): boolean {
    return this.#held.size === 0;
  }

  /** Queues a new call if others of its slot are held; otherwise it may be sent. */
  queue(place: number, call: Call): boolean {
    const held = this.#held.get(place);
    held?.calls.push(call);
    return held !== undefined;
  }

  /** Holds a call that must be sent again for so long. `careful`: its server was not able to do it. */
  hold(place: number, call: Call, pauseMs: number, careful: boolean): void {
    let held = this.#held.get(place);
    if (held === undefined) {
      held = { calls: [], timer: undefined, due: false, careful: false, probe: undefined };
      this.#held.set(place, held);
    }
    held.calls.push(call);
    held.careful = careful;
    if (held.probe === call) held.probe = undefined;
    if (held.timer !== undefined || held.due) return;
    const pause = held;
    const end = (): void => {
      pause.timer = undefined;
      pause.due = true;
      this.#release(place);
    };
    if (pauseMs === 0) end();
    else held.timer = setTimeout(end, pauseMs);
  }

  /** A call of the slot is under way no more. Not at once: it may be about to be held. */
  left(place: number): void {
    if (this.#held.has(place)) queueMicrotask(() => this.#release(place));
  }

  /** A call has its answer, or was given up: if it went ahead, the others follow. */
  settled(place: number, call: Call): void {
    const held = this.#held.get(place);
    if (held === undefined || held.probe !== call) return;
    held.probe = undefined;
    held.careful = false;
    held.due = true;
    this.left(place);
  }

  /** Takes out what has waited past its deadline. */
  takeOverdue(nowMs: number): Call[] {
    const overdue: Call[] = [];
    for (const held of this.#held.values()) {
      if (held.calls.every((call) => call.deadlineAtMs > nowMs)) continue;
      overdue.push(...held.calls.filter((call) => call.deadlineAtMs <= nowMs));
      held.calls = held.calls.filter((call) => call.deadlineAtMs > nowMs);
    }
    return overdue;
  }

  /** Takes out everything. */
  takeAll(): Call[] {
    const all = [...this.#held.values()].flatMap((held) => {
      clearTimeout(held.timer);
      return held.calls;
    });
    this.#held.clear();
    return all;
  }

  #release(place: number): void {
    const held = this.#held.get(place);
    if (held === undefined || !held.due || this.#events.isUnderWay(place)) return;
    held.calls.sort((a, b) => a.number - b.number);
    if (held.careful && held.calls.length > 1) {
      held.due = false;
      held.probe = held.calls.shift()!;
      this.#events.send(held.probe);
      return;
    }
    this.#held.delete(place);
    for (const call of held.calls) this.#events.send(call);
  }
}

const firstPauseMs = 5;
const longestPauseMs = 200;

/**
 * How long to wait before the next attempt: longer each time, and different for each waiting call.
 *
 * @param random from 0 to 1.
 */
export function pauseMs(attempts: number, random: () => number = Math.random): number {
  const longestMs = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(attempts, 10));
  return longestMs * (0.5 + random() / 2);
}
