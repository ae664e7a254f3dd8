// What the opcodes that build objects do here: where Python would call a class, a known one becomes the JavaScript
// value that stands for it, and any other an inert PyObject.

import type { Decoder } from "./decoder.ts";
import { Cost } from "./decoder-state.ts";
import { knownCalls } from "./known-classes.ts";
import { type PyConstruction, PyGlobal, PyObject, PyPersistentId } from "./py-object.ts";

/** LIST-like opcodes: appends the values from a slot on to the list below them. */
export function appendItems(decoder: Decoder, slot: number): void {
  const { stack, size } = decoder;
  if (slot - 1 < decoder.fence) throw decoder.fail("there is no list to append to");
  const target = stack[slot - 1];
  decoder.countElements(size - slot, Cost.element);
  if (Array.isArray(target)) {
    if (Object.isFrozen(target)) throw decoder.fail("a tuple is appended to");
    for (let index = slot; index < size; index++) target.push(stack[index]);
  } else if (target instanceof PyObject) {
    target.items ??= [];
    for (let index = slot; index < size; index++) target.items.push(stack[index]);
  } else throw decoder.fail("something that is no list is appended to");
  decoder.deepen(slot - 1, decoder.dropFrom(slot));
}

/** SETITEM and SETITEMS: sets the pairs from a slot on in the dict below them. */
export function setItems(decoder: Decoder, slot: number): void {
  const { stack, size } = decoder;
  if (slot - 1 < decoder.fence) throw decoder.fail("there is no dict to set in");
  if (((size - slot) & 1) !== 0) throw decoder.fail("a dict key has no value");
  const target = stack[slot - 1];
  decoder.countElements(size - slot, Cost.element);
  if (typeof target !== "object" || target === null)
    throw decoder.fail("something that is no dict is set in");
  if (Object.getPrototypeOf(target) === Object.prototype) {
    setProperties(decoder, target as Record<string, unknown>, slot);
  } else if (target instanceof Map) {
    decoder.spend((size - slot) * Cost.property);
    for (let index = slot; index < size; index += 2) target.set(stack[index], stack[index + 1]);
  } else if (target instanceof PyObject) {
    target.entries ??= [];
    decoder.spend((size - slot) * Cost.array);
    for (let index = slot; index < size; index += 2) target.entries.push([stack[index], stack[index + 1]]);
  } else throw decoder.fail("something that is no dict is set in");
  decoder.deepen(slot - 1, decoder.dropFrom(slot));
}

function setProperties(decoder: Decoder, target: Record<string, unknown>, slot: number): void {
  const { stack, size } = decoder;
  for (let index = slot; index < size; index += 2) {
    const key = stack[index];
    if (typeof key !== "string") {
      decoder.noteMixedKeys(target, slot - 1);
      return;
    }
    if (key === "__proto__") defineOwn(target, key, stack[index + 1]);
    else target[key] = stack[index + 1];
  }
}

// Assignment would replace the prototype.
function defineOwn(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}

/** ADDITEMS: adds the values from a slot on to the set below them. */
export function addItems(decoder: Decoder, slot: number): void {
  const { stack, size } = decoder;
  if (slot - 1 < decoder.fence) throw decoder.fail("there is no set to add to");
  const target = stack[slot - 1];
  decoder.countElements(size - slot, Cost.property);
  if (!(target instanceof Set) || Object.isFrozen(target))
    throw decoder.fail("something that is no set is added to");
  for (let index = slot; index < size; index++) target.add(stack[index]);
  decoder.deepen(slot - 1, decoder.dropFrom(slot));
}

/** Calls and instantiations: what stands for `callable(*args, **keywords)`. */
export function construct(
  decoder: Decoder,
  construction: PyConstruction,
  callable: unknown,
  args: unknown,
  keywords?: unknown,
): unknown {
  if (!Array.isArray(args) || !Object.isFrozen(args)) throw decoder.fail("arguments are no tuple");
  if (callable instanceof PyGlobal) {
    if (construction === "call") {
      const known = knownCalls.get(`${callable.module}.${callable.name}`)?.(args);
      if (known !== undefined) {
        decoder.spend(Cost.collection);
        return known;
      }
    }
  } else if (!(callable instanceof PyObject) && !(callable instanceof PyPersistentId)) {
    throw decoder.fail("something that is no class or function is called");
  }
  decoder.spend(Cost.placeholder);
  return new PyObject({ callable, args, construction, keywords });
}

/** REDUCE: a call, or a setter's call whose result is dropped at once. */
export function reduce(decoder: Decoder): void {
  decoder.needStack(2);
  const { bytes, position, stack } = decoder;
  const args = stack[decoder.size - 1];
  const callable = stack[decoder.size - 2];
  // `setter(object, state)`: only there the arguments are not memoised and the result is popped.
  if (
    bytes[position] === 0x30 &&
    bytes[position - 2] === 0x86 &&
    Array.isArray(args) &&
    args[0] instanceof PyObject
  ) {
    const [target, state] = args as [PyObject, unknown];
    target.setters ??= [];
    target.setters.push({ setter: callable, state });
    decoder.dropFrom(decoder.size - 2);
    decoder.push(null);
    return;
  }
  const value = construct(decoder, "call", callable, args);
  decoder.pushNested(value, decoder.dropFrom(decoder.size - 2) + 1);
}

/** BUILD: gives an object its state. */
export function build(decoder: Decoder): void {
  decoder.needStack(2);
  const slot = decoder.size - 1;
  const state = decoder.stack[slot];
  const target = decoder.stack[slot - 1];
  if (!(target instanceof PyObject) || target.state !== undefined) {
    throw decoder.fail("something that takes no state is given one");
  }
  target.state = state;
  decoder.deepen(slot - 1, decoder.dropFrom(slot));
}
