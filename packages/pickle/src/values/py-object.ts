// Placeholders for what Python names and JavaScript does not have. They are inert: reading a pickle imports and calls
// nothing. They hold all that the pickle said about the object, in the order in which CPython's pickler says it. So
// encoding one gives Python its object back.

import { classByValue } from "./class-by-value.ts";
import { PyGlobal } from "./py-global.ts";
import { jsonOfPyObject } from "./py-object-shown.ts";
import { jsonForm } from "./shown.ts";

export { PyGlobal };

/** How Python makes the object: `callable(*args)`, or `cls.__new__(cls, *args)`, the latter with keywords. */
export type PyConstruction = "call" | "new" | "new_keywords";

/** What a {@link PyObject} is made from. */
export interface PyObjectInit {
  /** The module of the class; together with `name` in place of `callable`. */
  readonly module?: string | undefined;
  /** The qualified name of the class. */
  readonly name?: string | undefined;
  /** What is called, if it is not (or not only) a name: usually a {@link PyGlobal}. */
  readonly callable?: unknown;
  /** Positional arguments. Default: none. */
  readonly args?: readonly unknown[] | undefined;
  /** Keyword arguments; implies the construction `new_keywords`. */
  readonly keywords?: unknown;
  /** How the object is made. Default: `call`. */
  readonly construction?: PyConstruction | undefined;
  /** What `__setstate__` or the instance's `__dict__` receives. Default: nothing. */
  readonly state?: unknown;
  /** What is appended to the object, if it is a kind of list. */
  readonly items?: unknown[] | undefined;
  /** What is set in the object, if it is a kind of dict. */
  readonly entries?: [unknown, unknown][] | undefined;
}

/**
 * An instance of a Python class that this program does not know: what the pickle says about it, and nothing run.
 *
 * Encoding it again gives Python the same object. Programs may also build one to hand Python an instance of a
 * class of its own.
 *
 * @example
 * encode(new PyObject({ module: "shapes", name: "Point", construction: "new", state: { x: 1, y: 2 } }));
 */
export class PyObject {
  /** What Python calls or instantiates, usually a {@link PyGlobal}. */
  readonly callable: unknown;
  /** Positional arguments. */
  readonly args: readonly unknown[];
  /** Keyword arguments, if there are any. */
  readonly keywords: unknown;
  /** How the object is made. */
  readonly construction: PyConstruction;
  /** What `__setstate__` or `__dict__` receives; `undefined` if nothing. */
  state: unknown;
  /** What is appended after construction; `undefined` if nothing. */
  items: unknown[] | undefined;
  /** What is set as key and value after construction; `undefined` if nothing. */
  entries: [unknown, unknown][] | undefined;
  /** Calls `setter(object, state)` that follow in place of a plain state; `undefined` if there are none. */
  setters: { readonly setter: unknown; readonly state: unknown }[] | undefined;

  constructor(init: PyObjectInit) {
    this.callable = init.callable ?? new PyGlobal(init.module ?? "builtins", init.name ?? "object");
    const args = init.args ?? [];
    // Frozen, since Python takes arguments as a tuple.
    this.args = Object.isFrozen(args) ? args : Object.freeze([...args]);
    this.keywords = init.keywords;
    this.construction = init.construction ?? (init.keywords === undefined ? "call" : "new_keywords");
    this.state = init.state;
    this.items = init.items;
    this.entries = init.entries;
    this.setters = undefined;
  }

  /**
   * The module of the class: `__main__` for one of a script or notebook. `undefined` if the class has no name that the
   * pickle says.
   */
  get module(): string | undefined {
    return this.class?.module;
  }

  /** The qualified name of the class, on the same terms. Its own name alone if cloudpickle wrote the class itself. */
  get name(): string | undefined {
    return this.class?.name;
  }

  /**
   * The name of the enum's member that this is, with the value in `args[0]`; `undefined` for all else. Only enums that
   * cloudpickle writes by value, those of scripts and notebooks, say the names of their members.
   */
  get member(): string | undefined {
    const { callable, args } = this;
    const members = callable instanceof PyObject ? classByValue(callable)?.members : undefined;
    if (members === undefined || args.length !== 1) return undefined;
    return Object.keys(members).find((name) => members[name] === args[0]);
  }

  // Protocols 0 and 1 instantiate through a helper that is given the class.
  private get class(): PyGlobal | undefined {
    const [first] = this.args;
    const called = classOf(this.callable);
    const isHelper = called?.module === "copyreg" && /^(_reconstructor|__newobj__)$/.test(called.name);
    return isHelper ? (classOf(first) ?? called) : called;
  }

  /**
   * As JSON: the fields of an instance that has nothing else, the name of an enum's member, and otherwise an object with
   * `class` and what the instance is made of. Bigints are numbers where that is exact, else text.
   */
  toJSON(): unknown {
    return jsonOfPyObject(this);
  }

  /** `PyObject(module.Name)` for an instance; a class that the pickle holds by value is its name, as a {@link PyGlobal} is. */
  toString(): string {
    const itself = classByValue(this);
    if (itself !== undefined) return `${itself.module}.${itself.name}`;
    return this.class === undefined ? "PyObject" : `PyObject(${this.class})`;
  }
}

/** The class that a value stands for: by its name, or by value as cloudpickle writes those of scripts. */
export function classOf(value: unknown): PyGlobal | undefined {
  const named = namedBy(value);
  if (named !== undefined || !(value instanceof PyObject)) return named;
  const itself = classByValue(value);
  return itself && new PyGlobal(itself.module, itself.name);
}

/** Longer names are no names. */
const NAME_MAX_LENGTH = 1_000;
const NAME_PARTS_MAX = 16;

/**
 * What a value names: itself, if it is a {@link PyGlobal}, or a class inside a class, which CPython's pickler asks for
 * by `getattr(Outer, "Inner")` at protocols up to 3, and classmethods at all protocols.
 */
export function namedBy(value: unknown): PyGlobal | undefined {
  const inner: string[] = [];
  let length = 0;
  let outer = value;
  while (outer instanceof PyObject) {
    const { callable, args } = outer;
    const [of, name, ...more] = args;
    if (!(callable instanceof PyGlobal) || callable.module !== "builtins" || callable.name !== "getattr")
      return undefined;
    if (typeof name !== "string" || more.length > 0) return undefined;
    length += name.length;
    if (length > NAME_MAX_LENGTH || inner.length === NAME_PARTS_MAX) return undefined;
    inner.unshift(name);
    outer = of;
  }
  if (!(outer instanceof PyGlobal) || inner.length === 0)
    return outer instanceof PyGlobal ? outer : undefined;
  return new PyGlobal(outer.module, [outer.name, ...inner].join("."));
}

/** A reference that only the writing program could resolve, kept as its persistent id. */
export class PyPersistentId {
  /** The id as the pickle gives it. */
  readonly id: unknown;

  constructor(id: unknown) {
    this.id = id;
    Object.freeze(this);
  }

  /** As JSON: the id. */
  toJSON(): unknown {
    return { id: jsonForm(this.id) };
  }
}
