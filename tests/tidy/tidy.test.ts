// The repository checks itself: the rules of CONTRIBUTING.md that a machine can check.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { brokenAnchors } from "./anchors.ts";
import {
  citingFilePaths,
  danglingCitations,
  protocolDocument,
  sectionNumbers,
  unknownDocuments,
} from "./citations.ts";
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
import { filesBelow, lineAt, readSourceFiles, root } from "./source-files.ts";
import { staleImports } from "./stale-imports.ts";
import { unrunTests } from "./unrun-tests.ts";

const files = readSourceFiles();

describe("tidy", () => {
  test("finds the sources", () => {
    expect(files.length).toBeGreaterThan(50);
    expect(files.filter((file) => file.parsed.errors.length > 0).map((file) => file.path)).toEqual([]);
  });

  test("imports follow the arrows", () => {
    expect(files.flatMap(wrongImports)).toEqual([]);
  });

  test("what is imported from a build has a source", () => {
    expect(files.flatMap(staleImports)).toEqual([]);
  });

  test("files and functions stay within their bounds or say why not", () => {
    expect(files.flatMap(outgrown)).toEqual([]);
  });

  test("every public export is documented", () => {
    expect(undocumentedExports(files)).toEqual([]);
  });

  test("every TODO names an issue", () => {
    const pattern = /\b(TODO|FIXME|XXX)\b(?!\(#\d+\))/g;
    const found = files
      .filter((file) => !file.path.startsWith("tests/tidy/"))
      .flatMap((file) =>
        [...file.text.matchAll(pattern)].map(
          (each) => `${file.path}:${lineAt(file.text, each.index)}: ${each[0]}`,
        ),
      );
    expect(found).toEqual([]);
  });

  test("no test is focused, skipped for good or left to be written", () => {
    expect(files.filter((file) => file.isTest).flatMap(unrunTests)).toEqual([]);
  });

  test("no test is skipped in silence because of what the machine lacks", () => {
    expect(files.filter((file) => file.isTest).flatMap(silentSkips)).toEqual([]);
  });

  test("no test lets time pass", () => {
    expect(files.flatMap(sleepsIn)).toEqual([]);
  });

  test("no imports go in a circle, and every waiver is needed", () => {
    expect(importCircles(files)).toEqual([]);
  });

  test("the rooms of a package import in the order of its README", () => {
    const readmes = filesBelow(join(root, "packages"), ["README.md"]).map((path) => ({
      packageName: basename(dirname(path)),
      text: readFileSync(path, "utf8"),
    }));
    const withRooms = readmes.filter(({ text }) => roomsIn(text).length > 0);
    expect(withRooms.map(({ packageName }) => packageName)).toContain("store-log");
    expect(withRooms.flatMap(({ packageName, text }) => wrongRooms(packageName, text, files))).toEqual([]);
  });

  const architecture = readFileSync(join(root, "ARCHITECTURE.md"), "utf8");

  test("every word of the glossary is used where it says", () => {
    const rows = glossaryRows(architecture);
    expect(rows.length).toBeGreaterThan(30);
    const unused = rows.filter(
      ({ word, place }) => !textsAt(join(root, place)).some((text) => usesWord(text, word)),
    );
    expect(unused).toEqual([]);
  });

  test("every room is named in ARCHITECTURE.md, and every place that it names is there", () => {
    const places = namedPlaces(architecture);
    expect(places.filter((place) => !existsSync(join(root, place)))).toEqual([]);
    const rooms = files.flatMap(({ path }) => /^packages\/[^/]+\/src\/[^/]+\//.exec(path) ?? []);
    const unnamed = new Set(rooms.filter((room) => !places.includes(room) && !room.endsWith("/testing/")));
    expect([...unnamed]).toEqual([]);
  });

  test("every package has a README, and exports what it lists as its main types", () => {
    const folders = readdirSync(join(root, "packages")).map((name) => join(root, "packages", name));
    expect(folders.filter((folder) => !existsSync(join(folder, "README.md")))).toEqual([]);
    const missing = folders.flatMap((folder) => {
      const entries = entryFiles(folder).map((path) => readFileSync(path, "utf8"));
      const names = mainNames(readFileSync(join(folder, "README.md"), "utf8"));
      const isExported = (name: string) => entries.some((text) => new RegExp(`\\b${name}\\b`).test(text));
      return names.filter((name) => !isExported(name)).map((name) => `${basename(folder)}: ${name}`);
    });
    expect(missing).toEqual([]);
  });

  test("documents are written in plain words and short lines", () => {
    const documents = filesBelow(root, [".md"]).map((file) => ({
      path: file.slice(root.length + 1),
      text: readFileSync(file, "utf8"),
    }));
    // The changes of released versions stay as they were written.
    const present = documents.filter(({ path }) => path !== "CHANGELOG.md");
    expect(present.flatMap(unplainLines)).toEqual([]);
  });

  test("comments are written in plain words", () => {
    const written = files.filter(({ path }) => !path.startsWith("tests/tidy/"));
    expect(written.flatMap(unplainComments)).toEqual([]);
  });

  test("links in the documents lead somewhere", () => {
    const broken = filesBelow(root, [".md"]).flatMap((file) =>
      [...readFileSync(file, "utf8").matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)]
        .map((each) => each[1]!)
        .filter((target) => !existsSync(join(dirname(file), target)))
        .map((target) => `${file.slice(root.length + 1)}: ${target}`),
    );
    expect(broken).toEqual([]);
  });

  test("links to headings lead to headings", () => {
    const broken = filesBelow(root, [".md"]).flatMap((file) =>
      brokenAnchors({ path: file.slice(root.length + 1), text: readFileSync(file, "utf8") }, (target) =>
        readFileSync(join(dirname(file), target), "utf8"),
      ),
    );
    expect(broken).toEqual([]);
  });

  test("citations name sections and documents that can be read", () => {
    const citing = citingFilePaths().map((file) => ({
      path: file.slice(root.length + 1).replaceAll("\\", "/"),
      text: readFileSync(file, "utf8"),
    }));
    const sections = sectionNumbers(readFileSync(join(root, protocolDocument), "utf8"));
    expect(citing.flatMap((file) => danglingCitations(file, sections))).toEqual([]);
    expect(citing.flatMap(unknownDocuments)).toEqual([]);
  });
});

/** The text of a file, or of every source file in a folder. */
function textsAt(path: string): string[] {
  if (!existsSync(path)) return [];
  const paths = statSync(path).isDirectory() ? filesBelow(path, [".ts"]) : [path];
  return paths.map((each) => readFileSync(each, "utf8"));
}

/** The sources that a package's `exports` name. */
function entryFiles(folder: string): string[] {
  const { exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { exports: unknown };
  const sources = [...JSON.stringify(exports).matchAll(/"@everdict\/source":"([^"]+)"/g)];
  return sources.map((each) => join(folder, each[1]!));
}
