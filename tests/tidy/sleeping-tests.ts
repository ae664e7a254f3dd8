import { lineAt, type SourceFile } from "./source-files.ts";
import { type Node, walk } from "./walk.ts";

/**
 * One line for each place where a test, or a suite that is shipped, lets time pass. A test waits for what must happen, with
 * `waitUntil`, `within` or `turns` of the testkit, or moves a fake clock.
 */
export function sleepsIn(file: SourceFile): string[] {
  if (!/\.test\.ts$|\/suite\//.test(file.path)) return [];
  const sleepers = new Set(["setTimeout", ...importedSleepers(file)]);
  const found: string[] = [];
  walk(file.parsed.program, ({ type, start, callee }) => {
    if (type !== "CallExpression" || !isSleeper(callee as Node, sleepers)) return;
    found.push(`${file.path}:${lineAt(file.text, start)}: a test that lets time pass: wait for what happens`);
  });
  return found;
}

function isSleeper({ type, name, object, property }: Node, sleepers: ReadonlySet<string>): boolean {
  if (type === "Identifier") return sleepers.has(name as string);
  if (type !== "MemberExpression" || (object as Node).type !== "Identifier") return false;
  return (object as Node).name === "globalThis" && (property as Node).name === "setTimeout";
}

/** What `setTimeout` of `node:timers/promises` is called in the file. */
function importedSleepers(file: SourceFile): string[] {
  return file.parsed.module.staticImports
    .filter(({ moduleRequest }) => /^(node:)?timers(\/promises)?$/.test(moduleRequest.value))
    .flatMap(({ entries }) => entries)
    .filter(({ importName }) => importName.name === "setTimeout")
    .map(({ localName }) => localName.value);
}
