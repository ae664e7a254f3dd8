import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseSync } from "oxc-parser";

/** The folder of the whole project. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

/** A source file, read and parsed once. */
export interface SourceFile {
  /** From the project's root, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly isTest: boolean;
  readonly parsed: ReturnType<typeof parseSync>;
}

const skippedFolders = new Set(["node_modules", "dist", "gen", ".git", ".cache", "coverage"]);

/** Every file below `folder` whose name ends with one of `endings`. */
export function filesBelow(folder: string, endings: readonly string[]): string[] {
  return readdirSync(folder).flatMap((name) => {
    if (skippedFolders.has(name)) return [];
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return filesBelow(path, endings);
    return endings.some((ending) => name.endsWith(ending)) ? [path] : [];
  });
}

/** All our TypeScript and JavaScript, generated code left out. */
export function readSourceFiles(): SourceFile[] {
  return filesBelow(root, [".ts", ".tsx", ".mts", ".js", ".mjs"]).map((file) => {
    const path = relative(root, file).replaceAll("\\", "/");
    const text = readFileSync(file, "utf8");
    const isTest =
      /(\.test\.tsx?|\.test-d\.ts)$/.test(path) || /(^|\/)(tests|testing|conformance)\//.test(path);
    return { path, text, isTest, parsed: parseSync(file, text) };
  });
}

/** The 1-based line of an offset. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}
