// The tidy checks must catch what they exist for.
import { parseSync } from "oxc-parser";
import { expect, test } from "vitest";
import { wrongImports } from "./import-arrows.ts";
import { undocumentedExports } from "./public-docs.ts";
import { outgrown } from "./size-bounds.ts";
import type { SourceFile } from "./source-files.ts";

function file(path: string, text: string): SourceFile {
  return { path, text, isTest: path.endsWith(".test.ts"), parsed: parseSync(path, text) };
}

test.each([
  ["packages/engine/src/a.ts", 'import { x } from "@everdict/store-log";'],
  ["packages/engine/src/a.ts", 'export { x } from "everdict";'],
  ["packages/server/src/a.ts", 'const x = await import("@everdict/embedded/log");'],
  ["packages/client/src/dict.ts", 'import type { Engine } from "@everdict/engine";'],
  ["packages/pickle/src/a.ts", 'import "@everdict/protocol";'],
])("%s may not say %s", (path, text) => {
  expect(wrongImports(file(path, text))).toHaveLength(1);
});

test("a composition root and a test may compose", () => {
  expect(
    wrongImports(file("packages/client/src/platform/node.ts", 'import "@everdict/embedded/log";')),
  ).toEqual([]);
  expect(wrongImports(file("packages/engine/src/a.test.ts", 'import "@everdict/store-log";'))).toEqual([]);
});

test("a long file or function is found unless it states its reason", () => {
  const long = "const x = 1;\n".repeat(401);
  const longFunction = `function f() {\n${"  g();\n".repeat(80)}}\n`;
  expect(outgrown(file("packages/engine/src/a.ts", long))).toHaveLength(1);
  expect(
    outgrown(file("packages/engine/src/a.ts", `// tidy: long-file because it is a table\n${long}`)),
  ).toEqual([]);
  expect(outgrown(file("packages/engine/src/a.ts", longFunction))).toHaveLength(1);
  expect(
    outgrown(file("packages/engine/src/a.ts", `// tidy: long-functions because\n${longFunction}`)),
  ).toHaveLength(1);
});

test("an undocumented export is found through a re-export", () => {
  const index = file("packages/pickle/src/index.ts", 'export { decode, type Options } from "./decode.ts";');
  const decode = file(
    "packages/pickle/src/decode.ts",
    "/** Reads. */\nexport function decode(): void {}\nexport interface Options {}\n",
  );
  const found = undocumentedExports([index, decode]).filter((line) => line.startsWith("packages/pickle/"));
  expect(found).toEqual(["packages/pickle/src/decode.ts: export Options has no doc comment"]);
});
