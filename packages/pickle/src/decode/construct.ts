// What the opcodes that make objects do here. Where Python would call a class, a known class becomes the JavaScript
// value that stands for it. Any other becomes an inert PyObject.

import { setExceptionState } from "../types/errors.ts";
import { knownCall, knownCompleted } from "../types/known-types.ts";
import { isGlobal } from "../types/type-rule.ts";
import { classByValue } from "../values/class-by-value.ts";
import { noteClassByValue, type RegisteredClass } from "../values/class-registry.ts";
import { exactItems } from "../values/exact-floats.ts";
import { mapAttributes, mapKind, setMapAttributes } from "../values/map-kinds.ts";
import { PyFloat } from "../values/py-float.ts";
import {
  classOf,
  namedBy,
  type PyConstruction,
  PyGlobal,
  PyObject,
  PyPersistentId,
} from "../values/py-object.ts";
import { Op } from "../wire/opcodes.ts";
import { copyCost } from "./copy-cost.ts";
import { Cost } from "./cost.ts";
import type { Decoder } from "./decoder.ts";

const noArguments: readonly unknown[] = Object.freeze([]);

/** A call or instantiation as the pickle states it. */
interface Construction {
  readonly construction: PyConstruction;
  readonly callable: unknown;
  readonly args: unknown;
  readonly keywords?: unknown;
}

/** Cuts the stack down to a slot and pushes what stands for the object that Python would make. */
export function pushConstructed(decoder: Decoder, slot: number, made: Construction): void {
  const value = construct(decoder, slot, made);
  decoder.machine.pushNested(value, decoder.machine.dropFrom(slot) + 1);
}

function construct(decoder: Decoder, slot: number, made: Construction): unknown {
  const { construction, callable, args } = made;
  if (!Array.isArray(args) || !Object.isFrozen(args)) throw decoder.input.fail("arguments are no tuple");
  if (!isCallable(callable)) throw decoder.input.fail("something that is no class or function is called");
  const global = namedBy(callable);
  if (global === undefined) return ofClassByValue(decoder, slot, made, args);
  const known = constructKnown(decoder, slot, made, args, String(global));
  if (known !== undefined) return known;
  const plain = construction === "call" ? plainInstantiation(decoder, global, args) : undefined;
  const name = plain === undefined ? undefined : namedBy(plain.callable);
  const plainKnown =
    plain && constructKnown(decoder, slot, plain, plain.args as readonly unknown[], String(name));
  return plainKnown ?? placeholder(decoder, slot, made, args);
}

function isCallable(value: unknown): boolean {
  return value instanceof PyGlobal || value instanceof PyObject || value instanceof PyPersistentId;
}

/** What stands for an object of a class that the pickle holds itself, or of one that it does not name. */
function ofClassByValue(
  decoder: Decoder,
  slot: number,
  made: Construction,
  args: readonly unknown[],
): PyObject {
  // Only what the program registered counts: a script's own class may be called as one of the table is.
  const global = decoder.classes.isEmpty ? undefined : classOf(made.callable);
  const registered = decoder.classes.named(String(global));
  if (registered === undefined) return placeholder(decoder, slot, made, args);
  return pendingInstance(decoder, slot, placeholder(decoder, slot, made, args, true), registered);
}

/** What stands for an object of a class that is registered or in the table of types. */
function constructKnown(
  decoder: Decoder,
  slot: number,
  made: Construction,
  args: readonly unknown[],
  name: string,
): unknown {
  const registered = decoder.classes.named(name);
  if (registered !== undefined)
    return pendingInstance(decoder, slot, placeholder(decoder, slot, made, args, true), registered);
  const call = made.construction === "new_keywords" ? undefined : knownCall(name);
  if (call !== undefined) decoder.input.spend(call.costBytes + copyCost(args, call.textFactor));
  const value = call?.read(args, made.construction);
  if (value !== undefined) return value;
  const completed = knownCompleted(name);
  if (completed === undefined) return undefined;
  decoder.input.spend(completed.costBytes);
  const object = placeholder(decoder, slot, made, args, true);
  decoder.pending.add(object, slot, object, () => {
    const { state } = object;
    decoder.input.spend(copyCost(Array.isArray(state) ? state : [state], completed.textFactor));
    // What is part of its own state is known as it is already.
    return (
      (decoder.pending.isCircular(object) ? undefined : completed.read(object)) ??
      unknownObject(decoder, slot, object)
    );
  });
  return object;
}

/** The instantiation that protocols 0 and 1 state as a call of a helper. */
function plainInstantiation(
  decoder: Decoder,
  callable: PyGlobal,
  args: readonly unknown[],
): Construction | undefined {
  const [type, base, state] = args;
  if (namedBy(type) === undefined) return undefined;
  if (isGlobal(callable, "copyreg.__newobj__")) {
    decoder.input.spend(args.length * Cost.element);
    return { construction: "new", callable: type, args: Object.freeze(exactItems(args).slice(1)) };
  }
  if (!isGlobal(callable, "copyreg._reconstructor") || args.length !== 3) return undefined;
  if (isGlobal(base, "builtins.object") && state === null) {
    return { construction: "new", callable: type, args: noArguments };
  }
  const isTuple = isGlobal(base, "builtins.tuple") && Array.isArray(state) && Object.isFrozen(state);
  return isTuple ? { construction: "new", callable: type, args: state } : undefined;
}

function placeholder(
  decoder: Decoder,
  slot: number,
  made: Construction,
  args: readonly unknown[],
  isKnown = false,
): PyObject {
  decoder.input.spend(Cost.placeholder);
  const { construction, callable, keywords } = made;
  const object = new PyObject({ callable, args, construction, keywords });
  if (decoder.options.unknownClasses === "refuse" && classByValue(object) !== undefined)
    decoder.machine.hasNotes = decoder.refusals.holdsClasses = true;
  return isKnown ? object : unknownObject(decoder, slot, object);
}

function unknownObject(decoder: Decoder, slot: number, object: PyObject): PyObject {
  // What is only named, such as a class inside a class, is no instance.
  if (decoder.options.unknownClasses === "refuse" && classOf(object) === undefined)
    decoder.refusals.refuse(slot, whyUnknown(object));
  return object;
}

function whyUnknown(object: PyObject): string {
  const { module, name } = object;
  if (module === undefined || name === undefined)
    return "it holds an object that Python makes by other than a name";
  const wayOut = 'unknownClasses: "keep" gives a PyObject in its place';
  // By Python's custom, what begins with a small letter is a function; a leading underscore marks an internal one.
  const last = name.slice(name.lastIndexOf(".") + 1);
  if (
    /^_*[a-z]/.test(last) &&
    /^(builtins|copyreg|functools|operator|_(?!_main__$)|cloudpickle|modal\._vendor)/.test(module)
  ) {
    return `it holds what only Python can make, by ${module}.${name}: a function, or a class that was pickled by value; ${wayOut}`;
  }
  const registered = name.includes(".") ? `${module}:${name}` : `${module}.${name}`;
  return `the class ${module}.${name} is not known here; registerClass("${registered}", …) makes its instances arrive, and ${wayOut}`;
}

function pendingInstance(
  decoder: Decoder,
  slot: number,
  object: PyObject,
  registered: RegisteredClass,
): PyObject {
  const empty = Object.create(registered.prototype) as object;
  decoder.pending.add(object, slot, empty, () => {
    const instance = registered.codec.fromState(object.state, object, empty);
    if (typeof instance !== "object" || instance === null) {
      throw decoder.input.fail(`fromState of ${registered.global} gave no instance`);
    }
    if (object.callable instanceof PyObject) noteClassByValue(instance, object.callable);
    return instance;
  });
  return object;
}

/** REDUCE: a call, or a setter's call whose result is dropped at once. */
export function reduce(decoder: Decoder): void {
  const { input, machine } = decoder;
  const { bytes, position } = input;
  const { stack } = machine;
  machine.needStack(2);
  const slot = machine.size - 2;
  if (machine.unsettled) decoder.pending.settle(slot);
  const callable = stack[slot];
  const args = stack[slot + 1];
  // `setter(object, state)`: only there the arguments are not memoised and the result is popped.
  const isSetter = bytes[position] === Op.POP && bytes[position - 2] === Op.TUPLE2;
  if (isSetter && Array.isArray(args) && args[0] instanceof PyObject) {
    const target = args[0];
    if (decoder.refusals.holdsClasses && classByValue(target) !== undefined)
      decoder.refusals.pardonFrom(slot);
    target.setters ??= [];
    target.setters.push({ setter: callable, state: exactItems(args)[1] });
    // What the target holds now is not written beside it.
    if (machine.dropFrom(slot) > 1) machine.sharesContainers = true;
    machine.push(null);
    return;
  }
  pushConstructed(decoder, slot, { construction: "call", callable, args });
}

/** NEWOBJ and NEWOBJ_EX. */
export function instantiate(decoder: Decoder, construction: "new" | "new_keywords"): void {
  const { machine } = decoder;
  const count = construction === "new" ? 2 : 3;
  machine.needStack(count);
  const slot = machine.size - count;
  if (machine.unsettled) decoder.pending.settle(slot);
  const [callable, args, keywords] = machine.stack.slice(slot, machine.size);
  pushConstructed(decoder, slot, { construction, callable, args, keywords });
}

/** BUILD: gives an object its state. */
export function build(decoder: Decoder): void {
  const { input, machine } = decoder;
  machine.needStack(2);
  const slot = machine.size - 1;
  const floats = machine.unsettled ? decoder.pending.settle(slot) : undefined;
  let state = machine.stack[slot];
  if (floats !== undefined) state = new PyFloat(state as number);
  const target = machine.stack[slot - 1];
  if (target instanceof PyObject && target.state === undefined) {
    decoder.pending.noteBuilt(target);
    target.state = state;
  } else if (target instanceof Error) {
    // Each error gets the attributes anew, though all may be given the same state.
    input.spend(2 * copyCost([state], 0));
    setExceptionState(target, state);
  } else if (takesAttributes(target)) setMapAttributes(target, state);
  else throw input.fail("something that takes no state is given one");
  machine.deepen(slot - 1, machine.dropFrom(slot));
}

function takesAttributes(target: unknown): target is Map<unknown, unknown> {
  return target instanceof Map && mapKind(target) === "OrderedDict" && mapAttributes(target) === undefined;
}
