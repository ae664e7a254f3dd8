// Classes of scripts and notebooks. Nobody else can import those, so cloudpickle writes the class itself: a call that
// makes an empty class of its name, then a setter that fills it. The module stands among the arguments of that call or, up
// to cloudpickle 2.0, in what the setter is given:
//
//   _make_skeleton_class(metaclass, name, bases, {"__module__": module}, …)
//   _make_skeleton_enum(bases, name, qualname, members, module, …)
//
// A class inside another is known by its own name alone: cloudpickle leaves out the outer one's, and so does Python when it
// has loaded it. Modal's client has a copy of cloudpickle of its own.

import type { ObjectParts } from "./object-parts.ts";
import { PyGlobal } from "./py-global.ts";

const maker = /^(?:modal\._vendor\.)?cloudpickle(?:\.\w+)*\._make_skeleton_(class|enum)$/;

/** What is known of a class that was written by value. */
interface ClassByValue {
  readonly module: string;
  readonly name: string;
  /** The members of an enum, by name. */
  readonly members: Readonly<Record<string, unknown>> | undefined;
}

/** Classes that were made from each other, where only the first says its module. */
const BASES_MAX = 16;

/** The class that a placeholder stands for, or `undefined` if it stands for anything else. */
export function classByValue(value: ObjectParts, basesLeft = BASES_MAX): ClassByValue | undefined {
  const { callable, args, setters } = value;
  const kind = callable instanceof PyGlobal ? maker.exec(String(callable))?.[1] : undefined;
  if (kind === undefined) return undefined;
  if (kind === "enum") {
    const [, name, , members, module] = args;
    return found(module, name, members);
  }
  const [, name, bases, kwargs] = args;
  const state = setters?.[0]?.state;
  const own = moduleIn(kwargs) ?? moduleIn(Array.isArray(state) ? state[0] : state);
  return found(own ?? moduleOfBase(bases, basesLeft), name, undefined);
}

// Older versions leave out what a class has in common with the one that it extends.
function moduleOfBase(bases: unknown, basesLeft: number): string | undefined {
  const base = Array.isArray(bases) && basesLeft > 0 ? (bases[0] as Partial<ObjectParts> | null) : null;
  return base?.args === undefined ? undefined : classByValue(base as ObjectParts, basesLeft - 1)?.module;
}

function found(module: unknown, name: unknown, members: unknown): ClassByValue | undefined {
  if (typeof module !== "string" || typeof name !== "string") return undefined;
  const isDict = typeof members === "object" && members !== null;
  return { module, name, members: isDict ? (members as Record<string, unknown>) : undefined };
}

function moduleIn(dict: unknown): unknown {
  return (dict as { __module__?: unknown } | null | undefined)?.__module__;
}
