import { lineAt, type SourceFile } from "./source-files.ts";
import { type Node, walk } from "./walk.ts";

/** What says loudly that something is missing, and fails in CI. */
const asks = /^(isSetUp|\w+(Is|Are)SetUp|findPython)$/;
/** What looks for a program, a file or a right. */
const looks = /(Sync|Program)$/;

/**
 * One line for each test that is skipped because of what the machine lacks without `isSetUp` of the testkit: it would go
 * missing in silence, also in CI.
 */
export function silentSkips(file: SourceFile): string[] {
  const values = valuesIn(file);
  const found: string[] = [];
  walk(file.parsed.program, ({ type, start, callee, arguments: given }) => {
    if (type !== "CallExpression" || !/^(skipIf|runIf)$/.test(nameOf(callee as Node))) return;
    if (!looksByItself(given, values, new Set())) return;
    found.push(
      `${file.path}:${lineAt(file.text, start)}: a test that is skipped in silence: ask with \`isSetUp\``,
    );
  });
  return found;
}

/** What stands behind the names of a file: constants and functions. */
function valuesIn(file: SourceFile): ReadonlyMap<string, unknown> {
  const values = new Map<string, unknown>();
  walk(file.parsed.program, ({ type, id, init, body }) => {
    if (type === "VariableDeclarator") values.set(nameOf(id as Node), init);
    else if (type === "FunctionDeclaration") values.set(nameOf(id as Node), body);
  });
  return values;
}

function looksByItself(node: unknown, values: ReadonlyMap<string, unknown>, seen: Set<string>): boolean {
  if (typeof node !== "object" || node === null) return false;
  const { type, callee, name } = node as Node;
  if (type === "CallExpression") {
    const called = nameOf(callee as Node);
    if (asks.test(called)) return false;
    if (looks.test(called)) return true;
  }
  if (type === "Identifier" && !seen.has(name as string)) {
    seen.add(name as string);
    if (looksByItself(values.get(name as string), values, seen)) return true;
  }
  return Object.values(node).some((each) => looksByItself(each, values, seen));
}

/** The last name of `a`, `a.b` or `a.b()`. */
function nameOf({ type, name, property }: Node): string {
  if (type === "MemberExpression") return nameOf(property as Node);
  return type === "Identifier" ? (name as string) : "";
}
