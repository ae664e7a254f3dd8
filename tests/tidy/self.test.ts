// The tidy checks must catch what they exist for.
import { parseSync } from "oxc-parser";
import { expect, test } from "vitest";
import { brokenAnchors } from "./anchors.ts";
import { danglingCitations, sectionNumbers, unknownDocuments } from "./citations.ts";
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

const protocolSections = sectionNumbers(
  "# Title\n\n## 2 Calls\n\n### 2.9 Too large\n\n### 2.10 More\n\n## 3 Names\n",
);

test.each([
  ["code.ts", "/** By this text alone (protocol section 2.8). */", 1],
  ["code.ts", "// What they send (protocol\n// sections 2.9 and 4.1).", 1],
  ["code.ts", " * Ids (protocol\n * sections 0.2, 2.7 to 2.9).", 2],
  ["code.ts", '"every error has a message (protocol section 0.4)"', 1],
  ["code.py", "# as section 2.99 of the protocol\n# says", 1],
  ["code.ts", "// the server must not (section 3)", 1],
  ["code.ts", "// session protocol section 3", 1],
  ["code.ts", "// see \u00a7 2.9", 1],
  ["docs/other.md", "As in section 3.", 1],
  ["docs/modal-protocol.md", "As in [section 7](#7).", 1],
  ["code.ts", "/** The errors (protocol section 2.9, protocol\n * sections 2.10 and 3). */", 0],
  ["code.ts", "// Protocol section 3.", 0],
  ["code.ts", "// section 2.9 of the protocol", 0],
  ["code.ts", "// (RFC 9113, section 3.4)", 0],
  ["docs/modal-protocol.md", "As in section 2.10.", 0],
])("in %s, %j has %i dangling citations", (path, text, count) => {
  expect(danglingCitations({ path, text }, protocolSections)).toHaveLength(count);
});

test.each([
  ["packages/a/src/code.ts", "// As docs/nowhere.md says", 1],
  ["packages/a/src/code.ts", "/** What the\n * specification says. */", 1],
  ["docs/other.md", "The protocol notes advise it.", 1],
  ["packages/a/src/code.ts", "// docs/semantics.md, semantics.md, PROTOCOL-HTTP2.md of the gRPC project", 0],
  ["packages/a/src/code.ts", "// the specification of HTTP/2", 0],
])("in %s, %j names %i documents that nobody can read", (path, text, count) => {
  expect(unknownDocuments({ path, text })).toHaveLength(count);
});

test("a link to a heading that is not there is found", () => {
  const text =
    "# A b: c\n\n## 2.9 Too `large`\n\n[1](#a-b-c) [2](#29-too-large) [3](#no) [4](b.md#x) [5](b.md#y)\n";
  expect(brokenAnchors({ path: "a.md", text }, () => "## X\n")).toEqual(["a.md: #no", "a.md: b.md#y"]);
});
