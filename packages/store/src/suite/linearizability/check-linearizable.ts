/**
 * Whether a history is linearizable: whether every operation can be given one instant between its call and its
 * answer such that, in the order of those instants, a sequential object would have given the same answers.
 *
 * The search of Wing and Gong ("Testing and verifying concurrent objects", 1993): take, of the operations that may
 * come next, one that the object would have answered so, and go on; if that leads nowhere take it back and try
 * another. With Lowe's addition ("Testing for linearizability", 2017): the same set of operations taken, leading to
 * the same state, is not searched twice. An operation may come next if it was called before the first answer that
 * is still outstanding.
 *
 * An operation of unknown outcome may be taken at any time after its call, whatever it would have answered, or never.
 *
 * What concerns one key only should be checked key by key: a history is linearizable if and only if that of each
 * object is, and the search is much shorter.
 */

import { type Event, EventList } from "./event-list.ts";
import type { History, Operation } from "./history.ts";

/** A sequential object. */
export interface SequentialModel<State, Input, Output> {
  readonly initial: State;
  /** What the operation answers and leaves. Must not change `state`. */
  apply(state: State, input: Input): { readonly state: State; readonly output: Output };
  /** Equal for equal states. */
  stateText(state: State): string;
  isSameOutput(a: Output, b: Output): boolean;
}

/** What `checkLinearizable` found. */
export type Verdict<Input, Output> =
  | { readonly isLinearizable: true }
  | {
      readonly isLinearizable: false;
      /** The operation whose answer no order explains, in the longest order that was found. */
      readonly unexplained: Operation<Input, Output>;
      /** That order. */
      readonly explained: History<Input, Output>;
    }
  /** The search was given up. */
  | { readonly isLinearizable: undefined };

/** How long to search. */
export interface SearchLimit {
  /** How many orders of how many operations to look at. Default: 5,000,000. */
  readonly stepsMax?: number | undefined;
}

/** See the top of the file. */
export function checkLinearizable<State, Input, Output>(
  history: History<Input, Output>,
  model: SequentialModel<State, Input, Output>,
  { stepsMax = 5_000_000 }: SearchLimit = {},
): Verdict<Input, Output> {
  return new Search(history, model).run(stepsMax);
}

interface Taken<State, Input, Output> {
  readonly event: Event<Input, Output>;
  /** Before it was taken. */
  readonly state: State;
  readonly lastId: number;
}

class Search<State, Input, Output> {
  readonly #model: SequentialModel<State, Input, Output>;
  /** What is not taken. */
  readonly #events: EventList<Input, Output>;
  readonly #taken: Taken<State, Input, Output>[] = [];
  readonly #seen = new Set<string>();
  #state: State;
  /** Operations of known outcome that are not taken. */
  #outstanding: number;
  /** The last call among those taken. */
  #lastId = -1;
  #explained: History<Input, Output> = [];
  #unexplained: Operation<Input, Output> | undefined;

  constructor(history: History<Input, Output>, model: SequentialModel<State, Input, Output>) {
    this.#model = model;
    this.#state = model.initial;
    this.#events = new EventList(history);
    this.#outstanding = history.filter(({ output }) => output !== undefined).length;
  }

  run(stepsMax: number): Verdict<Input, Output> {
    let event = this.#events.first;
    for (let steps = 0; this.#outstanding > 0; steps++) {
      if (steps === stepsMax) return { isLinearizable: undefined };
      if (event?.isCall) {
        event = this.#take(event) ? this.#events.first : event.later;
        continue;
      }
      // An answer: nobody called behind it may come before it.
      if (event !== undefined) this.#noteDeadEnd(event.operation);
      const last = this.#taken.pop();
      if (last === undefined) {
        return { isLinearizable: false, unexplained: this.#unexplained!, explained: this.#explained };
      }
      this.#putBack(last);
      event = last.event.later;
    }
    return { isLinearizable: true };
  }

  #take(event: Event<Input, Output>): boolean {
    const { input, output } = event.operation;
    const after = this.#model.apply(this.#state, input);
    if (output !== undefined && !this.#model.isSameOutput(output.value, after.output)) return false;
    const taken = { event, state: this.#state, lastId: this.#lastId };
    this.#events.takeOut(event);
    if (output !== undefined) this.#outstanding--;
    this.#state = after.state;
    this.#lastId = Math.max(this.#lastId, event.id);
    const situation = this.#situation();
    if (this.#seen.has(situation)) {
      this.#putBack(taken);
      return false;
    }
    this.#seen.add(situation);
    this.#taken.push(taken);
    return true;
  }

  #putBack({ event, state, lastId }: Taken<State, Input, Output>): void {
    this.#events.putBack(event);
    if (event.operation.output !== undefined) this.#outstanding++;
    this.#state = state;
    this.#lastId = lastId;
  }

  /** Which operations were taken (all up to the last of them, except some), and what that led to. */
  #situation(): string {
    let text = `${this.#lastId}`;
    for (let event = this.#events.first; event !== undefined; event = event.later) {
      if (!event.isCall) continue;
      if (event.id > this.#lastId) break;
      text += ` ${event.id}`;
    }
    return `${text}: ${this.#model.stateText(this.#state)}`;
  }

  #noteDeadEnd(operation: Operation<Input, Output>): void {
    if (this.#unexplained !== undefined && this.#taken.length <= this.#explained.length) return;
    this.#unexplained = operation;
    this.#explained = this.#taken.map(({ event }) => event.operation);
  }
}
