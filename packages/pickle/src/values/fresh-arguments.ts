// Objects that are met again within their own arguments. Python writes such an object where it is met again, then drops
// the outer one and refers to the inner one.
//
// Some classes keep the lists and dicts that are their arguments. Others make new ones each time they are asked and
// copy them when they are called, so that these must be complete by then. A pickle tells the two apart: where lists and
// dicts are made anew, the dropped object has other ones than the kept object. They are then written anew, too.

import { isPlainObject } from "./describe-value.ts";
import { exactEntries, exactItems } from "./exact-floats.ts";
import { mapKind, setMapKind } from "./map-kinds.ts";
import { PyObject } from "./py-object.ts";

/**
 * How deep to look into tuples, and into objects that are called. Protocols 2 and 3 call a `partial`, whose state has
 * the arguments in a tuple.
 */
const LEVELS_MAX = 4;
const regenerated = new WeakSet<object>();

/**
 * Takes note of what was made anew for an object that is dropped in favour of one made within its arguments. It tells
 * `spend` how many items it looks at, since few bytes can refer to the same tuples as often as they like.
 */
export function compareArguments(dropped: PyObject, kept: PyObject, spend: (items: number) => void): void {
  compare(dropped.callable, kept.callable, LEVELS_MAX, spend);
  compare(dropped.args, kept.args, LEVELS_MAX, spend);
}

function compare(dropped: unknown, kept: unknown, levels: number, spend: (items: number) => void): void {
  if (dropped === kept || levels === 0) return;
  if (isTuple(dropped) && isTuple(kept)) {
    spend(dropped.length);
    dropped.forEach((item, index) => {
      compare(item, kept[index], levels - 1, spend);
    });
  } else if (dropped instanceof PyObject && kept instanceof PyObject) {
    regenerated.add(kept);
    compare(dropped.args, kept.args, levels - 1, spend);
    compare(dropped.state, kept.state, levels - 1, spend);
  } else if (isMutable(dropped) && isMutable(kept)) regenerated.add(kept);
}

/** The object as it is to be written within its own arguments: with what its class makes anew. */
export function withinArguments(object: PyObject): PyObject {
  const { callable, args, keywords } = object;
  return copyOf(object, {
    callable: new Renewal().of(callable, LEVELS_MAX),
    args: new Renewal().of(args, LEVELS_MAX),
    // Python itself makes a call of these.
    keywords: isMutable(keywords) ? copyOfMutable(keywords) : keywords,
  });
}

function copyOf(object: PyObject, changes: object): PyObject {
  const { callable, args, construction, keywords, state, items, entries } = object;
  return new PyObject({ callable, args, construction, keywords, state, items, entries, ...changes });
}

/** One walk over arguments; what is met again on a level is not walked again. */
class Renewal {
  private readonly done = Array.from({ length: LEVELS_MAX + 1 }, () => new Map<object, unknown>());

  /** The value, or a copy of it if it holds something that its class makes anew. */
  of(value: unknown, levels: number): unknown {
    if (levels === 0 || typeof value !== "object" || value === null) return value;
    const done = this.done[levels] as Map<object, unknown>;
    if (!done.has(value))
      done.set(value, isTuple(value) ? this.tuple(value, levels) : this.object(value, levels));
    return done.get(value);
  }

  private object(value: object, levels: number): object {
    if (!regenerated.has(value)) return value;
    if (!(value instanceof PyObject)) return copyOfMutable(value);
    return copyOf(value, { args: this.of(value.args, levels - 1), state: this.of(value.state, levels - 1) });
  }

  // Nothing of a tuple may be lost, its identity included, if all that it holds may stay.
  private tuple(tuple: readonly unknown[], levels: number): readonly unknown[] {
    const items = exactItems(tuple).map((item) => this.of(item, levels - 1));
    const isSame = tuple.every((item) => Object.is(this.of(item, levels - 1), item));
    return isSame ? tuple : Object.freeze(items);
  }
}

function copyOfMutable(value: object): object {
  if (Array.isArray(value)) return [...exactItems(value)];
  if (!(value instanceof Map)) return Object.fromEntries(exactEntries(value));
  const map = new Map(exactEntries(value));
  const kind = mapKind(value);
  if (kind !== undefined) setMapKind(map, kind);
  return map;
}

function isTuple(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && Object.isFrozen(value);
}

function isMutable(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  return Array.isArray(value) || value instanceof Map || isPlainObject(value);
}
