import type { Operation } from "./operation.ts";

/**
 * Operations that wait, first come, first served. Any of them can leave at any time at the same cost. So callers that
 * give up leave nothing behind, however long the others wait.
 */
export class OperationQueue {
  #first: Operation | undefined;
  #last: Operation | undefined;

  get first(): Operation | undefined {
    return this.#first;
  }

  /** Adds one at the end. */
  push(operation: Operation): void {
    operation.previous = this.#last;
    operation.next = undefined;
    if (this.#last === undefined) this.#first = operation;
    else this.#last.next = operation;
    this.#last = operation;
  }

  /** Puts one where its number belongs: before all later calls. */
  insert(operation: Operation): void {
    let later = this.#first;
    while (later !== undefined && later.sequence < operation.sequence) later = later.next;
    if (later === undefined) {
      this.push(operation);
      return;
    }
    operation.next = later;
    operation.previous = later.previous;
    if (later.previous === undefined) this.#first = operation;
    else later.previous.next = operation;
    later.previous = operation;
  }

  /** Takes one out that is in it. */
  remove(operation: Operation): void {
    const { previous, next } = operation;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    operation.previous = undefined;
    operation.next = undefined;
  }

  *[Symbol.iterator](): Generator<Operation, void, undefined> {
    // The next one is read first, as the consumer may take out the one it is given.
    for (let each = this.#first; each !== undefined; ) {
      const { next } = each;
      yield each;
      each = next;
    }
  }
}
