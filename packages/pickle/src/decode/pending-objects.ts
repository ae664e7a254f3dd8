// Objects that are complete only with their state, and integral floats: both stand on the decoder's stack as
// something else (a PyObject, a PyFloat) until what holds them takes them. For an object that is the moment at which
// Python has given it its state, too, as pickles state everything about an object before going on.
//
// Except in a circle: then the object is taken by part of its own state, and what is taken is the instance that will
// be filled. An object that is taken while it stands lower on the stack, too, may be in a circle, or complete without
// a state. If a state comes after all, the reader notes where the object was made and reads the input once more.

import { PyFloat } from "../values/py-float.ts";
import { PyObject } from "../values/py-object.ts";
import type { Decoder } from "./decoder.ts";

/** An object whose state may still come. */
export interface PendingObject {
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

/**
 * Makes final what stands on the stack from a slot on. Answers which of these values, counted from the slot, are
 * integral floats, or `undefined` if none is. A negative zero needs no PyFloat to be one, except where what takes it
 * makes it 0: keys of a Map and elements of a Set (`losesSign`).
 */
export function settle(decoder: Decoder, slot: number, losesSign = false): number[] | undefined {
  const { stack, size, pending } = decoder;
  let floats: number[] | undefined;
  for (let index = slot; index < size; index++) {
    const value = stack[index];
    if (value instanceof PyFloat) {
      if (decoder.exactFloats) {
        if (!losesSign && Object.is(value.value, -0)) stack[index] = -0;
        continue;
      }
      stack[index] = value.value;
      floats ??= [];
      floats.push(index - slot);
    } else if (pending !== undefined && value instanceof PyObject) {
      const found = pending.get(value);
      if (found !== undefined) stack[index] = settleObject(decoder, value, found, slot);
    }
  }
  return floats;
}

/**
 * Makes final what was only ever taken as part of its own state: a tuple in a circle makes Python drop the object from
 * the stack once it has its state.
 */
export function settleCircular(decoder: Decoder): void {
  for (const [object, pending] of decoder.pending ?? []) {
    if (pending.isCircular) settleObject(decoder, object, pending, 0);
  }
}

function settleObject(decoder: Decoder, object: PyObject, pending: PendingObject, slot: number): object {
  if (pending.result !== undefined) return pending.result;
  const mayBeCircular = !pending.isBuilt && pending.slot < slot && decoder.stack[pending.slot] === object;
  if (mayBeCircular && decoder.isCircularOrigin(pending.origin)) {
    pending.isCircular = true;
    return pending.empty;
  }
  try {
    pending.result = pending.complete();
  } catch (caught) {
    if (!mayBeCircular) throw caught;
    // It could not do without its state: then surely one will come.
    decoder.noteCircle(pending.origin);
    pending.result = pending.empty;
  }
  if (pending.isCircular && pending.result !== pending.empty) {
    throw decoder.fail(
      `an instance of ${object} refers to itself, so its fromState must fill and return the instance it is given`,
    );
  }
  return pending.result;
}
