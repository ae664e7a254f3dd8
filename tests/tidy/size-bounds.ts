import { lineAt, type SourceFile } from "./source-files.ts";
import { walk } from "./walk.ts";

const fileMaxLines = 400;
const testFileMaxLines = 600;
const functionMaxLines = 70;

/** One line for each file or function that outgrew its bound without a stated reason. */
export function outgrown(file: SourceFile): string[] {
  const found: string[] = [];
  const lines = file.text.split("\n").length;
  const bound = file.isTest ? testFileMaxLines : fileMaxLines;
  if (lines > bound && !hasReason(file, "long-file")) {
    found.push(
      `${file.path}: ${lines} lines, the bound is ${bound} ("// tidy: long-file because …" states a reason)`,
    );
  }
  if (file.isTest || hasReason(file, "long-functions")) return found;
  for (const each of functionsOf(file)) {
    if (each.lines <= functionMaxLines) continue;
    found.push(
      `${file.path}:${each.line}: a function of ${each.lines} lines, the bound is ${functionMaxLines}`,
    );
  }
  return found;
}

function hasReason(file: SourceFile, kind: string): boolean {
  return new RegExp(`^// tidy: ${kind} because \\S`, "m").test(file.text);
}

function functionsOf(file: SourceFile): { line: number; lines: number }[] {
  const found: { line: number; lines: number }[] = [];
  walk(file.parsed.program, (node) => {
    if (!/^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(node.type)) return;
    const line = lineAt(file.text, node.start);
    found.push({ line, lines: lineAt(file.text, node.end) - line + 1 });
  });
  // Suites nest their cases in one function per topic; those are lists, not control flow.
  return file.path.includes("/suite/") ? [] : found;
}
