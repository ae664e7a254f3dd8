/**
 * The names that a package's README lists in the table of its main types or functions: the identifiers in backticks of the
 * columns before the last.
 */
export function mainNames(readme: string): string[] {
  const [, section = ""] = /^## Main [^\n]*\n([\s\S]*?)(?=^## |(?![\s\S]))/m.exec(readme) ?? [];
  const rows = section.split("\n").filter((line) => /^\| .*`/.test(line));
  const cells = rows.flatMap((row) => row.split(" | ").slice(0, -1));
  return cells.flatMap((cell) => [...cell.matchAll(/`([A-Za-z]\w*)(?:\(\))?`/g)].map((each) => each[1]!));
}
