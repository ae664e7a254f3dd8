// `npm run files [-- PACKAGE...]`: how large the packages are, by lines of source, tests and generated code, and how large
// their files, by folder. Nothing is checked here; the bound of 400 lines is checked by tests/tidy.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { root } from "./ensure-installed.mjs";

/** What files should be like, in lines. */
const bands = "a file has about 100 lines, seldom more than 300, never more than 400 without a stated reason";
const seldomLines = 300;
const skipped = /(^|\/)(node_modules|dist)\//;

const wanted = process.argv.slice(2);
const known = readdirSync(join(root, "packages")).sort();
const unknown = wanted.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`there is no package '${unknown.join("', '")}'; there are ${known.join(", ")}`);
  process.exit(2);
}
const packages = known
  .filter((name) => wanted.length === 0 || wanted.includes(name))
  .map((name) => ({ name, files: filesOf(join(root, "packages", name)) }));

console.log(`${bands}\n`);
print(
  ["package", "source", "tests", "generated", "files", "median", `over ${seldomLines}`, "largest"],
  [...packages, { name: "all", files: packages.flatMap(({ files }) => files) }].map(({ name, files }) => {
    const source = files.filter(({ kind }) => kind === "source");
    const linesOf = (kind) => sum(files.filter((file) => file.kind === kind));
    return [name, linesOf("source"), linesOf("tests"), linesOf("generated"), ...shapeOf(source, 3)];
  }),
);
console.log();
print(
  ["folder", "source", "files", "median", `over ${seldomLines}`, "largest"],
  packages.flatMap(({ name, files }) =>
    byFolder(files.filter(({ kind }) => kind === "source")).map(([folder, inside]) => [
      join("packages", name, folder),
      sum(inside),
      ...shapeOf(inside, 1),
    ]),
  ),
);

/** The source files of a package, generated code and tests included, with their lines. */
function filesOf(folder) {
  return readdirSync(folder, { recursive: true })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => /\.(ts|mts|js|mjs)$/.test(path) && !skipped.test(path))
    .map((path) => ({ path, kind: kindOf(path), lines: linesIn(join(folder, path)) }))
    .filter(({ kind }) => kind !== undefined);
}

/** Benchmarks and scripts of a package are none of it. */
function kindOf(path) {
  if (/\.test\.ts$|(^|\/)(testing|test-support)\//.test(path)) return "tests";
  if (/(^|\/)gen\//.test(path)) return "generated";
  return path.startsWith("src/") ? "source" : undefined;
}

function linesIn(path) {
  return readFileSync(path, "utf8").split("\n").length - 1;
}

function sum(files) {
  return files.reduce((lines, file) => lines + file.lines, 0);
}

function shapeOf(files, largestMax) {
  const bySize = files.toSorted((one, other) => other.lines - one.lines);
  const largest = bySize.slice(0, largestMax).map(({ path, lines }) => `${relative("src", path)} ${lines}`);
  const median = bySize[Math.floor(bySize.length / 2)]?.lines ?? 0;
  return [files.length, median, files.filter(({ lines }) => lines > seldomLines).length, largest.join(", ")];
}

/** The files of each folder itself, without those of the folders in it. */
function byFolder(files) {
  const folders = [...new Set(files.map(({ path }) => dirname(path)))].sort();
  return folders.map((folder) => [folder, files.filter(({ path }) => dirname(path) === folder)]);
}

/** Prints a table. Numbers stand at the right, texts at the left. */
function print(heads, rows) {
  const texts = [heads, ...rows].map((row) => row.map((cell) => cell.toLocaleString("en")));
  const widths = heads.map((_, column) => Math.max(...texts.map((row) => row[column].length)));
  for (const row of texts) {
    const cells = row.map((text, column) =>
      typeof rows[0][column] === "number" ? text.padStart(widths[column]) : text.padEnd(widths[column]),
    );
    console.log(cells.join("  ").trimEnd());
  }
}
