// Checked-in generated files must be what `npm run generate` writes.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as protocol from "@everdict/protocol";
import * as everdict from "everdict";
import { expect, test } from "vitest";
// @ts-expect-error A plain script without types.
import { withTypeTable } from "../packages/pickle/scripts/render-type-table.mjs";
import { typeTable } from "../packages/pickle/src/types/type-table.ts";
import { file_everdict_v1_dicts } from "../packages/protocol/src/gen/everdict/v1/dicts_pb.ts";
// @ts-expect-error A plain script without types.
import { renderErrorDocs } from "../scripts/render-error-docs.mjs";
// @ts-expect-error A plain script without types.
import { renderLimitDocs } from "../scripts/render-limit-docs.mjs";
// @ts-expect-error A plain script without types.
import { permissionRows, withPermissionTable } from "../scripts/render-permission-docs.mjs";
// @ts-expect-error A plain script without types.
import { renderPythonProto } from "../scripts/render-python-proto.mjs";
// @ts-expect-error A plain script without types.
import { typicalMistakes } from "../scripts/typical-mistakes.mjs";
import { root } from "./tidy/source-files.ts";

const { errorTable, limitDefaults, limitTable, Status } = protocol;

test("docs/errors.md is what the error table says, and what the client says to typical mistakes", async () => {
  const rendered = renderErrorDocs(errorTable, Status, await typicalMistakes(everdict));
  expect(readFileSync(join(root, "docs/errors.md"), "utf8")).toBe(rendered);
  for (const code of Object.keys(errorTable)) expect(rendered).toContain(`## \`${code}\``);
});

test("docs/limits.md is what the table of limits says", () => {
  const rendered = renderLimitDocs(limitTable, limitDefaults);
  expect(readFileSync(join(root, "docs/limits.md"), "utf8")).toBe(rendered);
  for (const name of Object.keys(limitTable)) expect(rendered).toContain(`| \`${name}\` |`);
});

test("docs/security.md shows what the table of permissions says", () => {
  const docs = readFileSync(join(root, "docs/security.md"), "utf8");
  expect(withPermissionTable(docs, permissionRows(protocol), protocol.roles)).toBe(docs);
  for (const method of Object.keys(protocol.methodTable)) expect(docs).toContain(`| \`${method}\``);
});

test("docs/semantics.md says of each operation whether it is repeatable, as the table of methods does", () => {
  const docs = readFileSync(join(root, "docs/semantics.md"), "utf8");
  const [heading, ...rows] = docs.slice(docs.indexOf("| operation | atomic |")).split("\n\n")[0]!.split("\n");
  const column = heading!.split(" | ").indexOf("repeatable");
  const said = new Map(rows.map((row) => [row.slice(2, row.indexOf(" |")), row.split(" | ")[column]!]));
  const onEntries = protocol.methods.filter((method) => protocol.methodTable[method].frame < 0x20);
  const renamed = new Set(Object.values(otherNames).map(([method]) => method));
  const operations: [string, readonly [protocol.Method, string?]][] = [
    ...onEntries
      .filter((method) => said.has(`\`${method}\``) || !renamed.has(method))
      .map((method): [string, [protocol.Method]] => [`\`${method}\``, [method]]),
    ...Object.entries(otherNames),
  ];
  const words = { always: /^yes/, underKey: /^under its key$/, never: /^no/, delivered: /^start again$/ };
  for (const [operation, [method, mode]] of operations) {
    const rule = protocol.callRepeatRule(protocol.methodRule(method), mode);
    expect([operation, said.get(operation)]).toEqual([operation, expect.stringMatching(words[rule])]);
  }
});

/** Which method, and in which mode, an operation of docs/semantics.md is, where it has another name. */
const otherNames: Readonly<Record<string, readonly [method: protocol.Method, mode?: string]>> = {
  "`put`": ["update"],
  "`put` with `skipIfExists`": ["putIfAbsent"],
  "`put` with `ifVersion` or `onlyIfExists`": ["commit"],
  "`pop`, `remove` with `ifVersion`": ["commit"],
  "`increment`": ["commit"],
  "`touch`": ["commit"],
  "`transaction`": ["commit"],
  "`keys`, `values`, `items`, `for await`": ["contents"],
  "`Dict.fromName`": ["getOrCreateDict", "createIfMissing"],
  "`Dict.objects.create`": ["getOrCreateDict", "createFailIfExists"],
  "`Dict.objects.list`": ["listDicts"],
  "`Dict.delete`, `Dict.objects.delete`": ["deleteDict"],
  "`Dict.ephemeral`": ["getOrCreateDict", "ephemeral"],
};

test("the README of packages/pickle shows the code's own table of types", () => {
  const readme = readFileSync(join(root, "packages/pickle/README.md"), "utf8");
  expect(withTypeTable(readme, typeTable)).toBe(readme);
  for (const { python } of typeTable) expect(readme).toContain(python);
});

test("the protobuf code is what proto/ says", () => {
  const folder = mkdtempSync(join(tmpdir(), "everdict-generated-"));
  try {
    execFileSync(join(root, "node_modules/.bin/buf"), ["generate", "--output", folder], { cwd: root });
    for (const file of ["modal/client/api_pb.ts", "everdict/tokens_pb.ts", "everdict/v1/dicts_pb.ts"]) {
      const path = `packages/protocol/src/gen/${file}`;
      expect(readFileSync(join(root, path), "utf8")).toBe(readFileSync(join(folder, path), "utf8"));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("the Python package has the messages that proto/ says", () => {
  const path = join(root, "python/everdict/src/everdict/_dicts_proto.py");
  expect(readFileSync(path, "utf8")).toBe(renderPythonProto(file_everdict_v1_dicts));
});
