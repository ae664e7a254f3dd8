import { existsSync } from "node:fs";
import { join } from "node:path";
import { importedFiles } from "./imports.ts";
import { root, type SourceFile } from "./source-files.ts";

/**
 * Imports of built files of which there is no source, one line each. Where the project was built before, what was built
 * then is still there, so that such an import fails on a fresh machine only.
 */
export function staleImports(file: SourceFile): string[] {
  return importedFiles(file)
    .filter((path) => path.includes("/dist/"))
    .filter((path) => !existsSync(join(root, path.replace("/dist/", "/src/").replace(/\.js$/, ".ts"))))
    .map((path) => `${file.path} imports ${path}, which has no source`);
}
