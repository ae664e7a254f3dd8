import { importsOf } from "./imports.ts";
import type { SourceFile } from "./source-files.ts";

/**
 * Which workspace packages each package's sources may import: the arrows of ARCHITECTURE.md. Tests may use
 * more, since they compose; `testkit` is for tests alone.
 */
const arrows: Record<string, readonly string[]> = {
  pickle: [],
  protocol: [],
  session: ["protocol"],
  directory: ["protocol"],
  store: ["protocol"],
  "store-log": ["protocol", "store", "directory"],
  "store-redis": ["protocol", "store"],
  engine: ["protocol", "store"],
  embedded: ["protocol", "engine", "store", "store-log", "store-redis"],
  server: ["protocol", "engine", "session", "directory"],
  client: ["protocol", "pickle", "session"],
  dashboard: ["protocol", "pickle", "client"],
  cli: ["protocol", "pickle", "client", "server", "embedded", "dashboard"],
  testkit: ["protocol", "client", "store"],
};

/** Composition roots: the only files of a package that may name an engine. */
const compositionRoots: Record<string, readonly string[]> = {
  "packages/client/src/platform/": ["engine", "embedded"],
};

const packageNames: Record<string, string> = { everdict: "client" };

/** One line for each import that goes against an arrow. */
export function wrongImports(file: SourceFile): string[] {
  const match = /^packages\/([^/]+)\/src\//.exec(file.path);
  if (match === null || file.isTest) return [];
  const from = match[1]!;
  const allowed = [from, ...(arrows[from] ?? []), ...extraFor(file.path)];
  return importedPackages(file)
    .filter((imported) => !allowed.includes(imported))
    .map((imported) => `${file.path}: ${from} must not import ${imported}`);
}

function extraFor(path: string): readonly string[] {
  return Object.entries(compositionRoots).find(([prefix]) => path.startsWith(prefix))?.[1] ?? [];
}

function importedPackages(file: SourceFile): string[] {
  return [...new Set(importsOf(file).flatMap(({ from }) => workspacePackage(from)))];
}

function workspacePackage(specifier: string): string[] {
  const scoped = /^@everdict\/([^/]+)/.exec(specifier);
  if (scoped !== null) return [scoped[1]!];
  const bare = specifier.split("/")[0]!;
  return packageNames[bare] === undefined ? [] : [packageNames[bare]];
}
