import { dirname, normalize } from "node:path/posix";
import type { SourceFile } from "./source-files.ts";

/** An import of a file, or an export of what another file has. */
export interface Import {
  /** As it is written. */
  readonly from: string;
  /** Whether only types are taken, so that nothing is left of it at run time. */
  readonly isOfTypes: boolean;
}

/** What a file imports, in the order of the text; dynamic imports last. */
export function importsOf(file: SourceFile): Import[] {
  const { staticImports, staticExports } = file.parsed.module;
  const imports = staticImports.map(({ moduleRequest, entries }) => ({
    from: moduleRequest.value,
    isOfTypes: entries.length > 0 && entries.every((entry) => entry.isType),
  }));
  const exports = staticExports
    .flatMap((each) => each.entries)
    .filter((entry) => entry.moduleRequest !== null)
    .map(({ moduleRequest, isType }) => ({ from: moduleRequest!.value, isOfTypes: isType }));
  // Within a function: by then every file is there.
  const dynamics = [...file.text.matchAll(/\bimport\(\s*["']([^"']+)["']/g)].map((each) => ({
    from: each[1]!,
    isOfTypes: true,
  }));
  return [...imports, ...exports, ...dynamics];
}

/** The files that an import by a relative path names, from the project's root. */
export function importedFiles(file: SourceFile, isWanted: (each: Import) => boolean = all): string[] {
  const paths = importsOf(file)
    .filter((each) => each.from.startsWith(".") && isWanted(each))
    .map(({ from }) => normalize(`${dirname(file.path)}/${from}`));
  return [...new Set(paths)];
}

function all(): boolean {
  return true;
}
