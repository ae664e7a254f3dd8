import type { History, Operation } from "./history.ts";

/** A call, or the answer to one. */
export interface Event<Input, Output> {
  readonly operation: Operation<Input, Output>;
  /** Counts operations in the order of their calls. */
  readonly id: number;
  readonly isCall: boolean;
  /** Of a call of known outcome. */
  answer: Event<Input, Output> | undefined;
  earlier: Event<Input, Output> | undefined;
  later: Event<Input, Output> | undefined;
}

/**
 * The calls and answers of a history in the order of time, as a doubly linked list: operations are taken out and
 * put back where they were, in the reverse order, at no cost.
 */
export class EventList<Input, Output> {
  #first: Event<Input, Output> | undefined;

  constructor(history: History<Input, Output>) {
    const events = [...history]
      .sort((a, b) => a.calledAt - b.calledAt)
      .flatMap((operation, id) => eventsOf(operation, id));
    // What happened at the same moment overlapped: calls come first.
    events.sort((a, b) => timeOf(a) - timeOf(b) || Number(b.isCall) - Number(a.isCall));
    for (const [index, event] of events.entries()) {
      event.earlier = events[index - 1];
      event.later = events[index + 1];
    }
    this.#first = events[0];
  }

  get first(): Event<Input, Output> | undefined {
    return this.#first;
  }

  takeOut(call: Event<Input, Output>): void {
    this.#unlink(call);
    if (call.answer !== undefined) this.#unlink(call.answer);
  }

  putBack(call: Event<Input, Output>): void {
    if (call.answer !== undefined) this.#link(call.answer);
    this.#link(call);
  }

  #unlink({ earlier, later }: Event<Input, Output>): void {
    if (earlier === undefined) this.#first = later;
    else earlier.later = later;
    if (later !== undefined) later.earlier = earlier;
  }

  #link(event: Event<Input, Output>): void {
    if (event.earlier === undefined) this.#first = event;
    else event.earlier.later = event;
    if (event.later !== undefined) event.later.earlier = event;
  }
}

function eventsOf<Input, Output>(operation: Operation<Input, Output>, id: number): Event<Input, Output>[] {
  const nowhere = { answer: undefined, earlier: undefined, later: undefined };
  const call: Event<Input, Output> = { operation, id, isCall: true, ...nowhere };
  if (operation.output === undefined) return [call];
  call.answer = { operation, id, isCall: false, ...nowhere };
  return [call, call.answer];
}

function timeOf<Input, Output>({ operation, isCall }: Event<Input, Output>): number {
  return isCall ? operation.calledAt : (operation.returnedAt ?? Number.POSITIVE_INFINITY);
}
