import { describeGiven, isPlainObject } from "./describe-given.ts";
import { nearestName } from "./nearest-name.ts";

/** What is wrong with the value of the option of that name; undefined: nothing. */
export type OptionKind = (name: string, value: unknown) => string | undefined;

/** The options of a method, or of an option that is a group of them. */
export type OptionRow = Readonly<Record<string, OptionKind>>;

/** What is wrong with options, the first fault only. `within`: the option that they are the value of. */
export function faultIn(row: OptionRow, options: unknown, within?: string): string | undefined {
  const given = namesIn(options, row);
  if (given === undefined) {
    const what = within === undefined ? "the options" : `\`${within}\``;
    return `${what} must be an object such as { ${Object.keys(row)[0]} }, not ${describeGiven(options)}`;
  }
  const path = within === undefined ? "" : `${within}.`;
  for (const name of given) {
    if (!Object.hasOwn(row, name)) return unknownOption(path, name, Object.keys(row));
    const value: unknown = Reflect.get(options as object, name);
    const fault = value === undefined ? undefined : row[name]!(path + name, value);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/**
 * The names that an object of options has; undefined if it is none. An instance of a class may carry options; a Client, a
 * Dict or a Map in their place carries none of these.
 */
export function namesIn(options: unknown, row: OptionRow): readonly string[] | undefined {
  if (typeof options !== "object" || options === null || Array.isArray(options)) return undefined;
  const own = Object.keys(options);
  if (isPlainObject(options)) return own;
  const known = Object.keys(row).filter((name) => name in options);
  return known.length > 0 && own.every((name) => Object.hasOwn(row, name)) ? known : undefined;
}

const shownNameMaxLength = 40;

function unknownOption(path: string, name: string, names: readonly string[]): string {
  const meant = nearestName(name, names);
  const hint = meant === undefined ? `there is ${listed(names)}` : `did you mean \`${path}${meant}\`?`;
  return `unknown option \`${path}${name.slice(0, shownNameMaxLength)}\`: ${hint}`;
}

function listed(names: readonly string[]): string {
  const quoted = names.map((name) => `\`${name}\``);
  const last = quoted.pop();
  return quoted.length === 0 ? `${last}` : `${quoted.join(", ")} and ${last}`;
}
