// The tidy checks must catch what they exist for.
import { parseSync } from "oxc-parser";
import { describe, expect, test } from "vitest";
import { brokenAnchors } from "./anchors.ts";
import { danglingCitations, sectionNumbers, unknownDocuments } from "./citations.ts";
import { glossaryRows, namedPlaces, usesWord } from "./glossary.ts";
import { wrongImports } from "./import-arrows.ts";
import { importCircles } from "./import-circles.ts";
import { unplainComments, unplainLines } from "./prose.ts";
import { undocumentedExports } from "./public-docs.ts";
import { mainNames } from "./readme-names.ts";
import { roomsIn, wrongRooms } from "./rooms.ts";
import { silentSkips } from "./silent-skips.ts";
import { outgrown } from "./size-bounds.ts";
import { sleepsIn } from "./sleeping-tests.ts";
import type { SourceFile } from "./source-files.ts";
import { unrunTests } from "./unrun-tests.ts";

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

describe("circles of imports", () => {
  const none = { ofTypes: [], ofValues: [] };
  const [a, b, c] = [
    "packages/store/src/a.ts",
    "packages/store/src/b/b.ts",
    "packages/store/src/c.ts",
  ] as const;
  const ofTypes = [
    file(a, 'import type { B } from "./b/b.ts";'),
    file(b, 'export type { C } from "../c.ts";'),
    file(c, 'import { type A } from "./a.ts";\nimport "node:fs";'),
  ];
  const ofValues = [
    file(a, 'import { type X, b } from "./b/b.ts";'),
    file(b, 'export * from "../c.ts";'),
    file(c, 'import "./a.ts";'),
  ];
  const circle = `a circle of imports: ${a} -> ${b} -> ${c} -> ${a}`;

  test("are found, of types and at run time", () => {
    expect(importCircles(ofTypes, none)).toEqual([circle]);
    expect(importCircles(ofValues, none)).toEqual([`at run time, ${circle}`, circle]);
    expect(
      importCircles([file(a, 'const b = () => import("./b/b.ts");'), ...ofTypes.slice(1)], none),
    ).toEqual([circle]);
    expect(importCircles(ofTypes.slice(1), none)).toEqual([]);
  });

  test("are waived by the import that closes them; a waiver for types allows no values", () => {
    expect(importCircles(ofTypes, { ofTypes: [[c, a]], ofValues: [] })).toEqual([]);
    expect(importCircles(ofValues, { ofTypes: [], ofValues: [[c, a]] })).toEqual([]);
    expect(importCircles(ofValues, { ofTypes: [[c, a]], ofValues: [] })).toEqual([`at run time, ${circle}`]);
  });

  test("are not waived for nothing", () => {
    const lines = (from: string, to: string) => [`${from} -> ${to} closes no circle: take its waiver away`];
    const waived = (from: string, to: string) => ({ ofTypes: [[from, to] as const], ofValues: [] });
    expect(importCircles(ofTypes.slice(1), waived(b, c))).toEqual(lines(b, c));
    expect(importCircles(ofTypes.slice(1), waived(a, c))).toEqual(lines(a, c));
  });
});

describe("rooms", () => {
  const readme =
    "# x\n\n| room | what |\n| --- | --- |\n| `low/` | a |\n| `high/` | b |\n\nText.\n| `other/` | c |\n";
  const [low, high] = ["packages/store/src/low/a.ts", "packages/store/src/high/b.ts"];
  const wrong = (path: string, text: string) =>
    wrongRooms("store", readme, [file(low!, ""), file(high!, ""), file(path, text)]);

  test("are read from the table of a README", () => {
    expect(roomsIn(readme)).toEqual(["low", "high"]);
    expect(roomsIn("# x\n")).toEqual([]);
  });

  test.each([
    ["high/c.ts", 'import "../low/a.ts"; import "./b.ts"; import "node:fs"; import "@everdict/protocol";'],
    ["index.ts", 'export * from "./high/b.ts";'],
    ["low/a.test.ts", 'import "../high/b.ts";'],
  ])("%s may say %s", (path, text) => {
    expect(wrong(`packages/store/src/${path}`, text)).toEqual([]);
  });

  test.each([
    ["low/c.ts", 'import type { B } from "../high/b.ts";', "which is not above it"],
    ["low/c.ts", 'import "../index.ts";', "which is not above it"],
    ["other/c.ts", "", "the README's table has no such room"],
  ])("%s may not say %s", (path, text, reason) => {
    expect(wrong(`packages/store/src/${path}`, text)).toEqual([expect.stringContaining(reason)]);
  });

  test("have a file each", () => {
    const found = wrongRooms("store", readme, [file(low!, "")]);
    expect(found).toEqual(["packages/store/src/high/: in the README's table, but there is no file"]);
  });
});

test.each([
  ["a".repeat(141), 1],
  ["Whoever reads this", 1],
  [
    `\`\`\`\n${"a".repeat(141)}\n\`\`\`\n| whoever |\n<!-- begin x -->\n${"a".repeat(141)}\n<!-- end x -->\n`,
    0,
  ],
  ["a".repeat(140), 0],
])("%j has %i lines that are not plain", (text, count) => {
  expect(unplainLines({ path: "a.md", text })).toHaveLength(count);
});

test("a comment that is not plain is found, a text that is not is left alone", () => {
  const text = 'const a = "whoever";\n/** Answers\n * whether. */\n// Whoever asks.\n';
  expect(unplainComments(file("packages/a/src/a.ts", text))).toEqual([
    'packages/a/src/a.ts:2: "Answers whether"',
    'packages/a/src/a.ts:4: "Whoever"',
  ]);
});

test("the main types of a README are the names in all columns but the last", () => {
  const readme =
    "# x\n\n## Main types\n\n| type | what |\n| --- | --- |\n| `A`, `pair()` | not `B` |\n| `@x/y` | `f` | c |\n\n## More\n\n| `D` | e |\n";
  expect(mainNames(readme)).toEqual(["A", "pair", "f"]);
  expect(mainNames("# x\n")).toEqual([]);
});

describe("the glossary", () => {
  const architecture =
    "| a | b | `c/` |\n\n## Glossary\n\n| word | meaning | place |\n| --- | --- | --- |\n" +
    "| write buffer | collects `x/` | `packages/session/src/frames/` |\n\n## References\n\n| d | e | `f/` |\n";

  test("has a row for each word, with its place", () => {
    expect(glossaryRows(architecture)).toEqual([
      { word: "write buffer", place: "packages/session/src/frames/" },
    ]);
    expect(glossaryRows("# x\n")).toEqual([]);
    expect(namedPlaces("`store/src/suite/` and `packages/store/src/a.ts`, not `docs/a.md`")).toEqual([
      "packages/store/src/suite/",
      "packages/store/src/a.ts",
    ]);
  });

  test.each([
    ["a write buffer", "write buffer", true],
    ["class WriteBuffers {}", "write buffer", true],
    ["#writeBuffer", "write buffer", true],
    [" * the write\n * buffer", "write buffer", true],
    ["interface EntryPart {}", "part", true],
    ["partial, depart, Departed", "part", false],
    ["the buffer of a write", "write buffer", false],
  ])("in %j, %j is used: %s", (text, word, isUsed) => {
    expect(usesWord(text, word)).toBe(isUsed);
  });
});

test.each([
  'test.skip("x", () => {});',
  'describe.concurrent.only("x", () => {});',
  'test.each([1]).only("x", () => {});',
  'it.todo("x");',
  'test("x", { skip: true }, () => {});',
])("%s keeps tests from running", (text) => {
  expect(unrunTests(file("packages/engine/src/a.test.ts", text))).toHaveLength(1);
});

test.each([
  'test.skipIf(isWindows)("x", () => { reader.skip(4); });',
  'describe.runIf(hasOpenssl).each([{ only: 1 }])("x", () => {});',
  'test("says test.skip", { timeout: 1 }, () => {});',
])("%s runs where it can", (text) => {
  expect(unrunTests(file("packages/engine/src/a.test.ts", text))).toEqual([]);
});

test.each([
  'test.runIf(spawnSync("openssl", []).status === 0)("x", () => {});',
  'const has = isLinux && existsSync("/x"); test.skipIf(!has).each([1])("x", () => {});',
  'function can() { return execFileSync("x") !== ""; } describe.runIf(can())("x", () => {});',
])("%s is skipped in silence", (text) => {
  expect(silentSkips(file("packages/engine/src/a.test.ts", text))).toHaveLength(1);
});

test.each([
  'test.runIf(isSetUp({ part: "x", isThere: existsSync("x"), remedy: "y" }))("x", () => {});',
  'const has = process.platform === "linux" && redisIsSetUp(); test.runIf(has)("x", () => {});',
])("%s is not skipped in silence", (text) => {
  expect(silentSkips(file("packages/engine/src/a.test.ts", text))).toEqual([]);
});

test.each([
  "await new Promise((resolve) => setTimeout(resolve, 100));",
  'import { setTimeout as delay } from "node:timers/promises"; await delay(100);',
  "globalThis.setTimeout(() => {}, 100);",
])("%s lets time pass, in a test", (text) => {
  expect(sleepsIn(file("packages/engine/src/a.test.ts", text))).toHaveLength(1);
  expect(sleepsIn(file("packages/store/src/suite/a.ts", text))).toHaveLength(1);
  expect(sleepsIn(file("packages/engine/src/a.ts", text))).toEqual([]);
});

test.each([
  "vi.useFakeTimers({ toFake: ['setTimeout'] }); socket.setTimeout(100);",
  'import { setImmediate } from "node:timers/promises"; await setImmediate();',
])("%s lets no time pass", (text) => {
  expect(sleepsIn(file("packages/engine/src/a.test.ts", text))).toEqual([]);
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
