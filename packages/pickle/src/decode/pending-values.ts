// What stands on the stack in place of a value that is not final yet. An object that is complete only with its state
// stands there as a PyObject, an integral float as a PyFloat. Both become final when a container or another object
// takes them. A pickle states everything about an object before it goes on, so by then Python, too, has given the
// object its state.
//
// Circles are the exception. There, part of an object's own state takes the object, and what it takes is the instance
// that will be filled. An object that is taken while it also stands lower on the stack may be in a circle, or may be
// complete without a state. If a state comes after all, the decoder notes where the object was made and reads the input
// once more.

import { PyFloat } from "../values/py-float.ts";
import { PyObject } from "../values/py-object.ts";
import { Cost } from "./cost.ts";
import type { PickleInput } from "./pickle-input.ts";
import type { PickleMachine } from "./pickle-machine.ts";

/** An object whose state may still come. */
interface PendingObject {
  /** The stack slot in which it is being made. */
  readonly slot: number;
  /** What part of its own state refers to, in a circle. */
  readonly empty: object;
  /** Makes the final object. */
  readonly complete: () => object;
  /** Where in the input it was made. */
  readonly origin: number;
  /** Whether it has been given its state. */
  isBuilt: boolean;
  /** The final object, once made. */
  result: object | undefined;
  /** Whether `empty` was referred to. */
  isCircular: boolean;
}

/** The pending values of one pickle at a time, and which of its objects earlier readings found to be in circles. */
export class PendingValues {
  /** Whether an integral float stays a PyFloat. */
  exactFloats = false;
  /** Whether this reading came upon a circle that it should have known. */
  isMisread = false;
  private readonly input: PickleInput;
  private readonly machine: PickleMachine;
  /** By the placeholder on the stack. */
  private objects: Map<PyObject, PendingObject> | undefined;
  /** Where the objects were made that are part of their own state. */
  private readonly circularOrigins = new Set<number>();

  constructor(input: PickleInput, machine: PickleMachine) {
    this.input = input;
    this.machine = machine;
  }

  /** Begins another reading, which knows what those before found out. */
  readAgain(): void {
    this.isMisread = false;
    this.objects = undefined;
  }

  /** Forgets the pickle. */
  release(): void {
    this.readAgain();
    if (this.circularOrigins.size > 0) this.circularOrigins.clear();
  }

  /** Notes that the object about to be pushed to a slot may still get its state. */
  add(object: PyObject, slot: number, empty: object, complete: () => object): void {
    const origin = this.input.position;
    this.machine.hasNotes = this.machine.unsettled = true;
    this.input.spend(Cost.pending);
    this.objects ??= new Map();
    this.objects.set(object, {
      slot,
      empty,
      complete,
      origin,
      isBuilt: false,
      result: undefined,
      isCircular: false,
    });
  }

  /** Whether what stands for an object has been made, so that nothing can be added to it. */
  isCompleted(object: PyObject): boolean {
    return this.objects?.get(object)?.result !== undefined;
  }

  /** Whether an object was taken as part of its own state. */
  isCircular(object: PyObject): boolean {
    return this.objects?.get(object)?.isCircular === true;
  }

  /** Notes that an object is given its state now. */
  noteBuilt(object: PyObject): void {
    const pending = this.objects?.get(object);
    if (pending === undefined) return;
    pending.isBuilt = true;
    if (pending.result !== undefined) this.noteCircle(pending.origin);
  }

  /**
   * Makes final what stands on the stack from a slot on. Gives the places, counted from the slot, of the values that are
   * integral floats, or `undefined` if none is. A negative zero needs no PyFloat to be one, except where what takes it
   * makes it 0: keys of a Map and elements of a Set (`losesSign`).
   */
  settle(slot: number, losesSign = false): number[] | undefined {
    const { stack, size } = this.machine;
    let floats: number[] | undefined;
    for (let index = slot; index < size; index++) {
      const value = stack[index];
      if (value instanceof PyFloat) {
        if (this.exactFloats) {
          if (!losesSign && Object.is(value.value, -0)) stack[index] = -0;
          continue;
        }
        stack[index] = value.value;
        floats ??= [];
        floats.push(index - slot);
      } else if (this.objects !== undefined && value instanceof PyObject) {
        const pending = this.objects.get(value);
        if (pending !== undefined) stack[index] = this.settleObject(value, pending, slot);
      }
    }
    return floats;
  }

  /**
   * Makes final what was only ever taken as part of its own state: a tuple in a circle makes Python drop the object from
   * the stack once it has its state.
   */
  settleCircular(): void {
    for (const [object, pending] of this.objects ?? [])
      if (pending.isCircular) this.settleObject(object, pending, 0);
  }

  private settleObject(object: PyObject, pending: PendingObject, slot: number): object {
    if (pending.result !== undefined) return pending.result;
    const mayBeCircular =
      !pending.isBuilt && pending.slot < slot && this.machine.stack[pending.slot] === object;
    if (mayBeCircular && this.circularOrigins.has(pending.origin)) {
      pending.isCircular = true;
      return pending.empty;
    }
    try {
      pending.result = pending.complete();
    } catch (caught) {
      if (!mayBeCircular) throw caught;
      // It could not do without its state: then surely one will come.
      this.noteCircle(pending.origin);
      pending.result = pending.empty;
    }
    if (pending.isCircular && pending.result !== pending.empty) {
      throw this.input.fail(
        `an instance of ${object} refers to itself, so its fromState must fill and return the instance it is given`,
      );
    }
    return pending.result;
  }

  /** Notes that the object made there is part of its own state, which this reading did not know. */
  private noteCircle(origin: number): void {
    if (this.circularOrigins.has(origin)) throw this.input.fail("an object is given its state too late");
    this.circularOrigins.add(origin);
    this.isMisread = true;
  }
}
