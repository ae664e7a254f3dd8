// The opcodes that put values into a container below them on the stack.

import { PyDeque } from "../types/collections.ts";
import { floatMarksOf, markFloatElement, markFloatKey, markFloatValue } from "../values/float-marks.ts";
import { addChecked, checkSpread, keysUntilCheck } from "../values/key-spread.ts";
import { PyFloat } from "../values/py-float.ts";
import { PyObject } from "../values/py-object.ts";
import { Cost } from "./cost.ts";
import type { Decoder } from "./decoder.ts";

/** An array that grows has room for this many elements from the start. A list of fewer is better made of its elements. */
const EXACT_ITEMS_MAX = 16;

/**
 * An object of this many properties is a hash table anyway. One without a prototype is a hash table from the start. That
 * spares the engine a hidden class for each property, which is half of the time for names that are known.
 */
const LARGE_DICT_MIN = 128;

/** APPEND and APPENDS: appends the values from a slot on to the list below them. */
export function appendItems(decoder: Decoder, slot: number): void {
  const { input, machine } = decoder;
  const { stack, size } = machine;
  if (slot - 1 < machine.fence) throw input.fail("there is no list to append to");
  const floats = machine.unsettled ? decoder.pending.settle(slot) : undefined;
  input.countElements(size - slot, Cost.element);
  const list = listOf(decoder, stack[slot - 1]);
  const base = list.length;
  if (base === 0) {
    const isShort = size - slot <= EXACT_ITEMS_MAX && floats === undefined;
    if (isShort && list === stack[slot - 1] && machine.isUntaken(slot - 1)) {
      machine.replaceUntaken(slot - 1, stack.slice(slot, size));
      machine.deepen(slot - 1, machine.dropFrom(slot));
      return;
    }
    input.spend(Cost.room);
  }
  for (let index = slot; index < size; index++) list.push(stack[index]);
  if (floats !== undefined) for (const offset of floats) markFloat(decoder, list, base + offset);
  machine.deepen(slot - 1, machine.dropFrom(slot));
}

function listOf(decoder: Decoder, target: unknown): unknown[] {
  if (Array.isArray(target)) {
    if (Object.isFrozen(target)) throw decoder.input.fail("a tuple is appended to");
    return target;
  }
  if (target instanceof PyDeque) return target.items;
  if (target instanceof PyObject && !decoder.pending.isCompleted(target)) {
    target.items ??= [];
    return target.items;
  }
  throw decoder.input.fail("something that is no list is appended to");
}

// The places before the first float of an array are noted, too.
function markFloat(decoder: Decoder, array: readonly unknown[], index: number): void {
  const marks = floatMarksOf(array)?.elements.length;
  decoder.input.spend(marks === undefined ? Cost.marks : 0);
  decoder.input.spend((index + 1 - (marks ?? 0)) * Cost.mark);
  markFloatElement(array, index);
}

/** SETITEM and SETITEMS: sets the pairs from a slot on in the dict below them. */
export function setItems(decoder: Decoder, slot: number): void {
  const { input, machine } = decoder;
  const { stack, size } = machine;
  if (slot - 1 < machine.fence) throw input.fail("there is no dict to set in");
  if (((size - slot) & 1) !== 0) throw input.fail("a dict key has no value");
  const floats = machine.unsettled ? decoder.pending.settle(slot, true) : undefined;
  const target = stack[slot - 1];
  input.countElements(size - slot, Cost.property / 2);
  if (typeof target !== "object" || target === null) throw input.fail("something that is no dict is set in");
  // A look at the prototype costs as much as two properties.
  if (target.constructor !== Object && Object.getPrototypeOf(target) !== Object.prototype)
    setOther(decoder, target, slot, floats);
  else {
    const isNew = machine.beginsToFill(slot - 1);
    const isLarge = isNew && size - slot >= LARGE_DICT_MIN * 2 && machine.isUntaken(slot - 1);
    const properties: Record<string, unknown> = isLarge ? Object.create(null) : target;
    for (let index = slot; index < size; index += 2) {
      const key = stack[index];
      if (typeof key !== "string") {
        decoder.dicts.noteMixedKeys(target, slot - 1);
        break;
      }
      // The length first: comparing texts is a call, and costs one in twenty-five of the decoding.
      if (key.length === 9 && key === "__proto__") defineOwn(properties, key, stack[index + 1]);
      else properties[key] = stack[index + 1];
    }
    if (isLarge) decoder.dicts.replace(slot - 1, Object.setPrototypeOf(properties, Object.prototype));
    if (floats !== undefined) markPairs(decoder, properties, slot, floats);
  }
  machine.deepen(slot - 1, machine.dropFrom(slot));
}

function setOther(
  decoder: Decoder,
  target: object,
  slot: number,
  floats: readonly number[] | undefined,
): void {
  const { input, machine } = decoder;
  const { stack, size } = machine;
  if (target instanceof Map) {
    input.spend(((size - slot) / 2) * Cost.mapEntry);
    let untilCheck = keysUntilCheck(target.size);
    let allTexts = true;
    for (let index = slot; index < size; index += 2) {
      if (typeof stack[index] !== "string") allTexts = false;
      target.set(stack[index], stack[index + 1]);
      if (--untilCheck > 0) continue;
      checkSpread(target.keys());
      untilCheck = keysUntilCheck(target.size);
    }
    if (!allTexts) decoder.dicts.confirmMap(target);
    if (floats !== undefined) markPairs(decoder, target, slot, floats);
  } else if (target instanceof PyObject && !decoder.pending.isCompleted(target)) {
    target.entries ??= [];
    input.spend((size - slot) * Cost.tuple);
    for (const offset of floats ?? []) stack[slot + offset] = new PyFloat(stack[slot + offset] as number);
    for (let index = slot; index < size; index += 2) target.entries.push([stack[index], stack[index + 1]]);
  } else throw input.fail("something that is no dict is set in");
}

// Assignment would replace the prototype.
function defineOwn(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}

function markPairs(decoder: Decoder, target: object, slot: number, floats: readonly number[]): void {
  const { stack } = decoder.machine;
  decoder.input.spend(floatMarksOf(target) === undefined ? Cost.marks : 0);
  decoder.input.spend(floats.length * Cost.mapEntry);
  for (const offset of floats) {
    const index = slot + offset;
    if ((offset & 1) === 0) markFloatKey(target, stack[index]);
    else markFloatValue(target, stack[index - 1], stack[index] as number);
  }
}

/** ADDITEMS: adds the values from a slot on to the set below them. */
export function addItems(decoder: Decoder, slot: number): void {
  const { input, machine } = decoder;
  if (slot - 1 < machine.fence) throw input.fail("there is no set to add to");
  const target = machine.stack[slot - 1];
  if (!(target instanceof Set) || Object.isFrozen(target))
    throw input.fail("something that is no set is added to");
  fillSet(decoder, target, slot);
  machine.deepen(slot - 1, machine.dropFrom(slot));
}

/** Adds the values from a slot on to a set. */
export function fillSet(decoder: Decoder, set: Set<unknown>, slot: number): void {
  const { input, machine } = decoder;
  const { stack, size } = machine;
  const floats = machine.unsettled ? decoder.pending.settle(slot, true) : undefined;
  input.countElements(size - slot, Cost.setElement);
  addChecked(set, stack, slot, size);
  if (floats === undefined) return;
  input.spend(Cost.marks + floats.length * Cost.setElement);
  for (const offset of floats) markFloatKey(set, stack[slot + offset]);
}

/** Replaces the values from a slot on by a tuple of them. */
export function makeTuple(decoder: Decoder, slot: number): void {
  const items = itemsFrom(decoder, slot);
  decoder.machine.pushNested(Object.freeze(items), decoder.machine.dropFrom(slot) + 1);
}

/** Replaces the values from a slot on by a list of them. */
export function makeList(decoder: Decoder, slot: number): void {
  const items = itemsFrom(decoder, slot);
  decoder.machine.pushNested(items, decoder.machine.dropFrom(slot) + 1);
}

/** The values from a slot on, settled and counted; they are still on the stack. */
function itemsFrom(decoder: Decoder, slot: number): unknown[] {
  const { input, machine } = decoder;
  const { size, stack } = machine;
  const floats = machine.unsettled ? decoder.pending.settle(slot) : undefined;
  input.countElements(size - slot, Cost.element);
  input.spend(Cost.tuple);
  const items = stack.slice(slot, size);
  if (floats !== undefined) for (const offset of floats) markFloat(decoder, items, offset);
  return items;
}
