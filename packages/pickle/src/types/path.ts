// The paths of pathlib. Python up to 3.12 writes the parts of a path, 3.13 one text under another module's name, and
// 3.14 one text. Every version reads parts as well as one text, but only 3.13 knows the other module's name.

import { PyGlobal } from "../values/py-object.ts";
import { pyCall, type TypeRule } from "./type-rule.ts";

const classNames = [
  "PurePath",
  "PurePosixPath",
  "PureWindowsPath",
  "Path",
  "PosixPath",
  "WindowsPath",
] as const;

/** The class of a path. A `Path` (not pure) can be loaded only where that kind of file system is. */
export type PyPathClass = (typeof classNames)[number];

/** A Python `pathlib` path. */
export class PyPath {
  /** The name of its class. */
  readonly className: PyPathClass;
  /** What Python joins to the path. */
  readonly parts: readonly string[];

  constructor(className: PyPathClass, ...parts: string[]) {
    this.className = className;
    this.parts = Object.freeze(parts);
  }

  /** The path as text. */
  toString(): string {
    const separator = this.className.includes("Windows") ? "\\" : "/";
    let path = "";
    for (const part of this.parts) {
      path += path === "" || path.endsWith(separator) ? part : separator + part;
    }
    return path === "" ? "." : path;
  }

  /** The path as text. */
  toJSON(): string {
    return String(this);
  }
}

function readPath(className: PyPathClass): (args: readonly unknown[]) => PyPath | undefined {
  return (args) =>
    args.every((part) => typeof part === "string") ? new PyPath(className, ...(args as string[])) : undefined;
}

/** `PyPath` and pathlib's paths. */
export const pathRule: TypeRule = {
  typescript: "`PyPath`",
  python: "`pathlib` paths",
  classes: [PyPath],
  reduce: ({ className, parts }: PyPath) => pyCall(new PyGlobal("pathlib", className), ...parts),
  calls: Object.fromEntries(
    classNames.flatMap((name) => [
      [`pathlib.${name}`, readPath(name)],
      [`pathlib._local.${name}`, readPath(name)],
    ]),
  ),
};
