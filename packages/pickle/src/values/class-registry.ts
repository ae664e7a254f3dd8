import { PyGlobal, PyObject } from "./py-object.ts";

/** How instances of a registered class become a Python state and come back. */
export interface ClassCodec<Instance extends object, State = unknown> {
  /**
   * What Python's instance is given: its `__dict__` or what its `__setstate__` takes. `undefined` gives it nothing.
   * A {@link PyObject} is written in place of the instance, for classes that Python makes with arguments.
   */
  toState(instance: Instance): State | PyObject | undefined;
  /**
   * Makes the instance from its state, `undefined` if it has none. `object` shows what else the pickle says, such
   * as arguments. `empty` is an instance for which no constructor has run: fill and return it, rather than a new
   * one, if instances may refer to themselves in a circle. The state is what the pickle says, of any type: check it
   * before you rely on it, unless you trust all who may write to the dictionary.
   */
  fromState(state: State, object: PyObject, empty: Instance): Instance;
}

/** A class that was registered. */
export interface RegisteredClass {
  readonly prototype: object;
  readonly global: PyGlobal;
  readonly codec: ClassCodec<object>;
}

/** Classes whose instances travel as those of Python classes. {@link registerClass} registers for the whole program. */
export class ClassRegistry {
  private readonly byName = new Map<string, RegisteredClass>();
  private readonly byPrototype = new Map<object, RegisteredClass>();

  /** As {@link registerClass}, for the calls that are given this registry as their option `classes`. */
  register<Instance extends object, State = unknown>(
    name: string,
    type: { readonly prototype: Instance },
    codec: ClassCodec<Instance, State>,
  ): () => void {
    const separator = name.includes(":") ? name.indexOf(":") : name.lastIndexOf(".");
    if (separator <= 0 || separator === name.length - 1)
      throw new TypeError(`'${name}' is not of the form module.Name`);
    const global = new PyGlobal(name.slice(0, separator), name.slice(separator + 1));
    const entry: RegisteredClass = {
      prototype: type.prototype,
      global,
      codec: codec as unknown as ClassCodec<object>,
    };
    this.remove(this.byName.get(String(global)));
    this.remove(this.byPrototype.get(type.prototype));
    this.byName.set(String(global), entry);
    this.byPrototype.set(type.prototype, entry);
    return () => this.remove(entry);
  }

  private remove(entry: RegisteredClass | undefined): void {
    if (entry === undefined) return;
    if (this.byName.get(String(entry.global)) === entry) this.byName.delete(String(entry.global));
    if (this.byPrototype.get(entry.prototype) === entry) this.byPrototype.delete(entry.prototype);
  }

  /** Whether no class is registered. */
  get isEmpty(): boolean {
    return this.byName.size === 0;
  }

  /** The class registered for Python's `module.name`. */
  named(name: string): RegisteredClass | undefined {
    return this.byName.size === 0 ? undefined : this.byName.get(name);
  }

  /** The class registered by this very prototype. */
  of(prototype: object): RegisteredClass | undefined {
    return this.byPrototype.size === 0 ? undefined : this.byPrototype.get(prototype);
  }
}

/** The classes of the whole program. */
export const programClasses = new ClassRegistry();

/**
 * Makes instances of a class travel to Python as instances of the class of that name, and back. Registering a name
 * again replaces what was registered. Applies to all later calls of {@link encode} and {@link decode} that are not
 * given `classes` of their own.
 *
 * `name` is module and class, `shapes.Point`; a colon separates them where the class is inside another:
 * `shapes:Outer.Inner`. Python must be able to import it. Nothing of it is run here but `toState` and `fromState`.
 *
 * @returns a function that undoes the registration
 * @throws {TypeError} if `name` has no module or no class
 * @example
 * registerClass("shapes.Point", Point, {
 *   toState: (point) => ({ x: point.x, y: point.y }),
 *   fromState: (state) => new Point(state.x, state.y),
 * });
 */
export function registerClass<Instance extends object, State = unknown>(
  name: string,
  type: { readonly prototype: Instance },
  codec: ClassCodec<Instance, State>,
): () => void {
  return programClasses.register(name, type, codec);
}

/** Classes of scripts that came with their instances, so that the class goes on with them. */
const classesByValue = new WeakMap<object, PyObject>();

/** Remembers the class that an instance came with. */
export function noteClassByValue(instance: object, definition: PyObject): void {
  classesByValue.set(instance, definition);
}

/** What to write for an instance of a registered class. */
export function reduceRegistered({ global, codec }: RegisteredClass, instance: object): PyObject {
  const state = codec.toState(instance);
  const callable = classesByValue.get(instance) ?? global;
  if (!(state instanceof PyObject)) return new PyObject({ callable, construction: "new", state });
  if (callable === global || String(state.callable) !== String(global)) return state;
  const { args, keywords, construction, items, entries } = state;
  return new PyObject({ callable, args, keywords, construction, state: state.state, items, entries });
}
