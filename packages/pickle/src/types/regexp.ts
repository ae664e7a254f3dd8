// Regular expressions: `re.compile("…")` in Python, which writes them as `re._compile(pattern, flags)`.
//
// The pattern's text is carried over where both languages spell the same thing, and translated where they spell it
// differently: named groups and code points. What only one of them has is refused by the writer, as Python would
// fail to load the whole value, and stays a placeholder with the reader. What matches may differ in detail, since
// `\w`, `\d` and `$` mean what they mean in each language. JavaScript's flags without a counterpart travel as a
// comment at the end of the pattern, which Python ignores.

import { PyGlobal } from "../values/py-object.ts";
import { pythonEscape } from "../values/shown.ts";
import { SerializationError } from "../wire/errors.ts";
import { pyCall, type TypeRule } from "./type-rule.ts";

const compile = new PyGlobal("re", "_compile");
const PATTERN_MAX_UNITS = 10_000;
/** Python's flag for patterns that are text, which it always sets. */
const UNICODE = 32;
const shared = new Map([
  ["i", 2],
  ["m", 8],
  ["s", 16],
]);
const sharedBits = 2 | 8 | 16;
const flagsComment = /\(\?#\/([dguvy]+)\)$/;

/** What Python wrote, for an expression that it wrote. */
const originals = new WeakMap<RegExp, readonly [pattern: string, flags: number]>();

/** One piece of a pattern: an escape, a group opening, a bracket, or any other character. */
const piece =
  /\\k<([^>]*)>|\\u\{([0-9a-fA-F]+)\}|\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})|\\c([A-Za-z])|\\([\s\S])|\(\?<([^>=!]+)>|(\(\?<[=!])|(\[\^?\]?)|(\((?!\?))|[\s\S]/gi;

/** Translates a pattern piece by piece. */
class Translation {
  private readonly source: string;
  private readonly isUnicode: boolean;
  private readonly names = new Set<string>();
  private groups = 0;
  /** The groups that are open, innermost last: the number and name of those that capture. */
  private readonly open: { readonly number?: number; readonly name?: string | undefined }[] = [];
  private inClass = false;

  constructor({ source, flags }: RegExp) {
    this.source = source;
    this.isUnicode = flags.includes("u");
  }

  toPython(): string {
    if (/\{,\d*\}/.test(this.source)) throw unlike("a quantifier without a lower bound");
    let python = "";
    for (const match of this.source.matchAll(piece)) {
      python += this.inClass ? this.withinClass(match) : this.outsideClass(match);
    }
    return python;
  }

  private outsideClass(match: RegExpExecArray): string {
    const [text, reference, , , , , , name, lookbehind, bracket, group] = match;
    if (reference !== undefined) {
      if (!this.names.has(reference)) throw unlike("a reference to a later group");
      if (this.open.some((each) => each.name === reference)) throw unlike(INTO_ITSELF);
      return `(?P=${reference})`;
    }
    if (name !== undefined) {
      if (this.names.has(name)) throw unlike("two groups of one name");
      if (!/^[A-Za-z_]\w*$/.test(name)) throw unlike("a group name that is no Python name");
      this.names.add(name);
      this.open.push({ number: ++this.groups, name });
      return `(?P<${name}>`;
    }
    if (group !== undefined) this.open.push({ number: ++this.groups });
    else if (lookbehind !== undefined || text === "(") this.open.push({});
    else if (text === ")") this.open.pop();
    if (lookbehind !== undefined) {
      // Python wants to know its width.
      const rest = this.source.slice(match.index + lookbehind.length);
      if (!/^[^()[\]{}*+?|\\]*\)/.test(rest)) throw unlike("a lookbehind that is not plain text");
    }
    if (bracket !== undefined) {
      if (bracket.endsWith("]")) throw unlike("an empty class");
      this.inClass = true;
    }
    return this.escape(match) ?? text;
  }

  private withinClass(match: RegExpExecArray): string {
    const [text] = match;
    const escaped = this.escape(match);
    if (escaped !== undefined) return escaped;
    this.inClass = !text.endsWith("]");
    // Python warns of a bracket within brackets.
    return text.replace("[", "\\[");
  }

  // After what could begin a range and a hyphen; a hyphen that begins the class begins no range.
  private isEndOfRange(at: number): boolean {
    if (this.source[at - 1] !== "-") return false;
    return !/(^|[^\\])\[\^?$/.test(this.source.slice(0, at - 1));
  }

  private escape(match: RegExpExecArray): string | undefined {
    const [, , braced, high, low, control, escaped] = match;
    if (braced !== undefined) {
      // Without the flag it asks for so many letters u.
      if (!this.isUnicode) throw unlike("\\u{…} but without the flag u");
      return pythonEscape(hex(braced));
    }
    if (high !== undefined)
      return pythonEscape(String.fromCharCode(hex(high), hex(low)).codePointAt(0) as number);
    if (control !== undefined) return `\\x${(control.charCodeAt(0) & 31).toString(16).padStart(2, "0")}`;
    if (escaped === undefined) return undefined;
    const rest = this.source.slice(match.index + 2, match.index + 6);
    const isAlike =
      /[bBdDsSwWfnrtv]|[^A-Za-z1-9]/.test(escaped) ||
      (escaped === "x" && /^[0-9a-f]{2}/i.test(rest)) ||
      (escaped === "u" && /^[0-9a-f]{4}/i.test(rest)) ||
      (/[1-9]/.test(escaped) && !this.inClass && Number.parseInt(escaped + rest, 10) <= this.groups);
    if (!isAlike) throw unlike(`the escape \\${escaped}`);
    const number = /[1-9]/.test(escaped) ? Number.parseInt(escaped + rest, 10) : 0;
    if (this.open.some((each) => each.number === number)) throw unlike(INTO_ITSELF);
    if (this.inClass && /[dDwWsS]/.test(escaped) && (/^-[^\]]/.test(rest) || this.isEndOfRange(match.index)))
      throw unlike("a range from or to a class");
    return `\\${escaped}`;
  }
}

const INTO_ITSELF = "a group that refers to itself";

function hex(digits: string | undefined): number {
  return Number.parseInt(digits ?? "", 16);
}

function unlike(what: string): SerializationError {
  return new SerializationError(`a regular expression with ${what} is not one in Python`);
}

function toJavaScript(pattern: string, isUnicode: boolean): string | undefined {
  // What only Python has: other group kinds, inline flags, anchors, code points by name (or by number, where no flag
  // says that JavaScript wrote them), possessive quantifiers, and a bracket that closes nothing.
  if (/\\[AZzaN]|\(\?(?!:|=|!|<[=!]|P[<=])|\[\^?\]|[*+?}]\+|\{,/.test(pattern)) return undefined;
  if (!isUnicode && /\\U/.test(pattern)) return undefined;
  return pattern
    .replace(/\\(?:U([0-9a-fA-F]{8})|[\s\S])/g, (escaped, code?: string) =>
      code === undefined ? escaped : `\\u{${hex(code).toString(16)}}`,
    )
    .replace(/\(\?P<(\w+)>/g, "(?<$1>")
    .replace(/\(\?P=(\w+)\)/g, "\\k<$1>");
}

function reduceRegExp(value: RegExp): ReturnType<typeof pyCall> {
  const original = originals.get(value);
  if (original !== undefined) return pyCall(compile, ...original);
  if (value.source.length > PATTERN_MAX_UNITS)
    throw new SerializationError("this regular expression is too long");
  let bits = UNICODE;
  let others = "";
  for (const flag of value.flags) {
    const bit = shared.get(flag);
    if (bit !== undefined) bits |= bit;
    else if (flag === "v") throw unlike("the flag v");
    else others += flag;
  }
  return pyCall(compile, new Translation(value).toPython() + (others === "" ? "" : `(?#/${others})`), bits);
}

function readRegExp([pattern, flags, ...more]: readonly unknown[]): RegExp | undefined {
  if (typeof pattern !== "string" || typeof flags !== "number" || more.length > 0) return undefined;
  if ((flags & ~(sharedBits | UNICODE)) !== 0 || pattern.length > PATTERN_MAX_UNITS) return undefined;
  const comment = flagsComment.exec(pattern);
  const source = toJavaScript(pattern.replace(flagsComment, ""), comment?.[1]?.includes("u") === true);
  if (source === undefined) return undefined;
  const letters = [...shared].filter(([, bit]) => (flags & bit) !== 0).map(([letter]) => letter);
  try {
    const value = new RegExp(source, letters.join("") + (comment?.[1] ?? ""));
    originals.set(value, [pattern, flags]);
    return value;
  } catch {
    return undefined;
  }
}

/** `RegExp` and compiled patterns. */
export const regexpRule: TypeRule = {
  typescript: "`RegExp`",
  python: "`re.Pattern`",
  note: "named groups are translated, `g`, `y`, `d` and `u` travel as a comment; what only one language has is refused or stays `PyObject`; `\\w`, `\\d` and `$` keep each language's meaning",
  classes: [RegExp],
  reduce: reduceRegExp,
  calls: { "re._compile": readRegExp },
  costBytes: 1_200,
  textFactor: 16,
};
