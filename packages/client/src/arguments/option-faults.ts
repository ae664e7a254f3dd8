import { describeGiven, isPlainObject } from "./describe-given.ts";
import { nearestName } from "./nearest-name.ts";

/** What is wrong with the value of the option of that name; undefined: nothing. */
export type OptionKind = (name: string, value: unknown) => string | undefined;

/** The options of a method, or of an option that is a group of them. */
export type OptionRow = Readonly<Record<string, OptionKind>>;

/** What is wrong with options, the first fault only. `within`: the option that they are the value of. */
export function faultIn(row: OptionRow, options: unknown, within?: string): string | undefined {
  const names = Object.keys(row);
  if (!isOptionsObject(options, names)) {
    const what = within === undefined ? "the options" : `\`${within}\``;
    return `${what} must be an object with ${listed(names)}, not ${describeGiven(options)}`;
  }
  const path = within === undefined ? "" : `${within}.`;
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(row, name)) continue;
    const meant = nearestName(name, names);
    const hint = meant === undefined ? `there is ${listed(names)}` : `did you mean \`${path}${meant}\`?`;
    return `unknown option \`${path}${name.slice(0, shownNameMaxLength)}\`: ${hint}`;
  }
  for (const name of names) {
    const value: unknown = Reflect.get(options, name);
    const fault = value === undefined ? undefined : row[name]!(path + name, value);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

const shownNameMaxLength = 40;

/** An instance of a class may carry options; a Client, a Dict or a Map in their place carries none of these. */
export function isOptionsObject(options: unknown, names: readonly string[]): options is object {
  if (typeof options !== "object" || options === null || Array.isArray(options)) return false;
  if (isPlainObject(options)) return true;
  return names.some((name) => name in options) && Object.keys(options).every((name) => names.includes(name));
}

function listed(names: readonly string[]): string {
  const quoted = names.map((name) => `\`${name}\``);
  const last = quoted.pop();
  return quoted.length === 0 ? `${last}` : `${quoted.join(", ")} and ${last}`;
}
