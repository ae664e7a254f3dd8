import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { filesBelow, root, type SourceFile } from "./source-files.ts";

/** One line for each name a package exports whose declaration has no doc comment. */
export function undocumentedExports(files: readonly SourceFile[]): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  return publicEntries().flatMap((entry) => exportsOf(entry, byPath));
}

/** The source entries of every published package, from its `exports`. */
function publicEntries(): string[] {
  return filesBelow(join(root, "packages"), ["package.json"]).flatMap((path) => {
    const manifest = JSON.parse(readFileSync(path, "utf8")) as { private?: boolean; exports?: object };
    if (manifest.private || manifest.exports === undefined) return [];
    const folder = dirname(path)
      .slice(root.length + 1)
      .replaceAll("\\", "/");
    return Object.values(manifest.exports)
      .map((each: Record<string, string>) => each["@everdict/source"] ?? "")
      .filter((source) => source !== "" && !source.includes("/gen/"))
      .map((source) => normalize(join(folder, source)).replaceAll("\\", "/"));
  });
}

function exportsOf(path: string, byPath: Map<string, SourceFile>, only?: Set<string>): string[] {
  const file = byPath.get(path);
  if (file === undefined)
    return existsSync(join(root, path)) ? [] : [`${path}: a public entry that is not there`];
  const missing: string[] = [];
  const elsewhere = new Map<string, Set<string>>();
  for (const { start, entries } of file.parsed.module.staticExports) {
    for (const entry of entries) {
      const name = entry.exportName.name ?? "";
      if (only !== undefined && !only.has(name)) continue;
      const request = entry.moduleRequest?.value;
      if (request?.startsWith(".")) {
        const target = normalize(join(dirname(path), request)).replaceAll("\\", "/");
        const names = elsewhere.get(target) ?? new Set();
        elsewhere.set(target, names.add(entry.importName.name ?? name));
      } else if (request === undefined && !isDocumented(file, start) && !isOverloadOrMerged(file, name)) {
        missing.push(`${path}: export ${name} has no doc comment`);
      }
    }
  }
  for (const [target, names] of elsewhere) missing.push(...exportsOf(target, byPath, names));
  return missing;
}

function isDocumented(file: SourceFile, start: number): boolean {
  return file.parsed.comments.some(
    (comment) =>
      comment.type === "Block" &&
      comment.value.startsWith("*") &&
      comment.end <= start &&
      /^\s*$/.test(file.text.slice(comment.end, start)),
  );
}

/** A documented declaration of the same name (an overload, a type beside a value) speaks for the others. */
function isOverloadOrMerged(file: SourceFile, name: string): boolean {
  return file.parsed.module.staticExports.some(
    ({ start, entries }) =>
      entries.some((entry) => entry.exportName.name === name) && isDocumented(file, start),
  );
}
