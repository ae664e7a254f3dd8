import { lineAt, type SourceFile } from "./source-files.ts";
import { type Node, walk } from "./walk.ts";

const runners = new Set(["it", "test", "describe", "suite", "bench"]);
const modes = new Set(["skip", "only", "todo"]);

/**
 * One line for each test that is skipped for good, is left to be written, or keeps others from running. A test that needs
 * something of the machine asks for it with `skipIf` or `runIf`.
 */
export function unrunTests(file: SourceFile): string[] {
  const found: string[] = [];
  walk(file.parsed.program, (node) => {
    for (const mode of modesOf(node)) {
      found.push(`${file.path}:${lineAt(file.text, node.start)}: a test with \`${mode}\``);
    }
  });
  return found;
}

/** The modes that a node gives a test: `test.skip`, or the options in `test("…", { skip: true }, …)`. */
function modesOf({ type, property, object, callee, arguments: given }: Node): string[] {
  if (type === "MemberExpression" && isRunner(object)) return namesOf(property).filter(isMode);
  if (type !== "CallExpression" || !isRunner(callee)) return [];
  const options = (given as Node[]).filter((each) => each.type === "ObjectExpression");
  return options.flatMap(({ properties }) =>
    (properties as Node[]).flatMap(({ key }) => namesOf(key)).filter(isMode),
  );
}

/** Whether an expression begins with a runner: `test`, `test.concurrent`, `describe.skipIf(…)`. */
function isRunner(node: unknown): boolean {
  if (typeof node !== "object" || node === null) return false;
  const { type, name, object, callee, tag } = node as Node;
  return type === "Identifier" ? runners.has(name as string) : isRunner(object ?? callee ?? tag);
}

function namesOf(node: unknown): string[] {
  const { type, name } = (node ?? {}) as Partial<Node>;
  return type === "Identifier" ? [name as string] : [];
}

function isMode(name: string): boolean {
  return modes.has(name);
}
