// How a PyObject shows its class and the parts of its instance: on a console like a dataclass of Python, `Job(id=1,
// state='done')`, and in JSON like an instance of JavaScript, by its fields.

import { classByValue } from "./class-by-value.ts";
import { isPlainObject } from "./describe-value.ts";
import type { NamedParts } from "./object-parts.ts";
import { type Inspect, jsonForm, printable } from "./shown.ts";

const BREAK_LENGTH = 80;
const LEVELS_MAX = 100;
/** What is being shown: an instance may refer to itself. */
const within = new Set<object>();
const functions = /^(?:modal\._vendor\.)?cloudpickle(?:\.\w+)*\._make_(?:function|skel_func)$/;

/** What a console shows of an object. */
export function showPyObject(
  object: NamedParts,
  depth: number | null,
  options: object,
  inspect: Inspect,
): string {
  const itself = classByValue(object);
  if (itself !== undefined) return `[class ${printable(`${itself.module}.${itself.name}`)}]`;
  const { module, name, member } = object;
  if (functions.test(`${module}.${name}`))
    return `[function ${printable(functionName(object) ?? "of Python")}]`;
  const shown = printable(name?.slice(name.lastIndexOf(".") + 1) ?? "PyObject");
  if (member !== undefined) return `${shown}.${printable(member)}`;
  if (within.has(object)) return "[Circular]";
  if ((depth !== null && depth < 0) || within.size > LEVELS_MAX) return `[${shown}]`;
  within.add(object);
  try {
    return called(
      shown,
      parts(object, (value) => inspect(value, { ...options, depth: depth === null ? null : depth - 1 })),
    );
  } finally {
    within.delete(object);
  }
}

// What cloudpickle fills it with.
function functionName({ setters }: NamedParts): string | undefined {
  const state = setters?.[0]?.state;
  const slots = Array.isArray(state) ? fieldsIn(state[1]) : undefined;
  return typeof slots?.__name__ === "string" ? slots.__name__ : undefined;
}

function parts(object: NamedParts, show: (value: unknown) => string): string[] {
  const { args, keywords, items, entries } = object;
  const all = args.map(show);
  const named = { ...fieldsIn(keywords), ...fieldsOf(object) };
  for (const [name, value] of Object.entries(named ?? {})) all.push(`${printable(name)}=${show(value)}`);
  if (object.state !== undefined && fieldsOf(object) === undefined) all.push(`state=${show(object.state)}`);
  if (items !== undefined) all.push(show(items));
  if (entries !== undefined) all.push(show(new Map(entries)));
  return all;
}

function called(name: string, all: readonly string[]): string {
  const line = `${name}(${all.join(", ")})`;
  if (line.length <= BREAK_LENGTH && !line.includes("\n")) return line;
  return `${name}(\n${all.map((part) => `  ${part.replaceAll("\n", "\n  ")}`).join(",\n")}\n)`;
}

/** The attributes of an instance, those in slots included; `undefined` if its state is anything else. */
function fieldsOf({ state }: NamedParts): Record<string, unknown> | undefined {
  if (!Array.isArray(state) || !Object.isFrozen(state)) return fieldsIn(state);
  const [dict, slots, ...more] = state;
  const inSlots = fieldsIn(slots);
  const isPair =
    more.length === 0 && inSlots !== undefined && (dict === null || fieldsIn(dict) !== undefined);
  return isPair ? { ...fieldsIn(dict), ...inSlots } : undefined;
}

function fieldsIn(value: unknown): Record<string, unknown> | undefined {
  const isDict = typeof value === "object" && value !== null && isPlainObject(value);
  return isDict ? (value as Record<string, unknown>) : undefined;
}

/** What `JSON.stringify` takes in place of an object. */
export function jsonOfPyObject(object: NamedParts): unknown {
  if (within.has(object) || within.size > LEVELS_MAX) return "[circular]";
  within.add(object);
  try {
    return jsonForm(jsonParts(object));
  } finally {
    within.delete(object);
  }
}

/** The fields, if there is nothing else; the name of an enum's member; else the parts by name. */
function jsonParts(object: NamedParts): unknown {
  if (object.member !== undefined) return object.member;
  const { callable, module, name, args, keywords, state, items, entries } = object;
  const isBare = args.length === 0 && keywords === undefined && items === undefined && entries === undefined;
  const fields = isBare ? fieldsOf(object) : undefined;
  if (fields !== undefined) return fields;
  const itself = classByValue(object);
  if (itself !== undefined) return `${itself.module}.${itself.name}`;
  const named = {
    class: name === undefined ? String(callable) : `${module}.${name}`,
    args: args.length > 0 ? args : undefined,
    keywords,
    state,
    items,
  };
  return { ...named, entries };
}
