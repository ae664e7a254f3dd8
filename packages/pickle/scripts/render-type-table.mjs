// The README's table of types, from the code's own. `npm run generate` writes it; tests/generated.test.ts compares.

const begin = "<!-- types: made by `npm run generate` from src/types/. Do not edit. -->";
const end = "<!-- end of types -->";

/** The table as Markdown: one row for each rule that has something to show. */
export function renderTypeTable(typeTable) {
  const rows = typeTable
    .filter(({ typescript }) => typescript !== "")
    .map(({ typescript, python, note = "" }) => [typescript, python, note]);
  const lines = [["TypeScript", "Python", "note"], ["---", "---", "---"], ...rows];
  return lines
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`)
    .join("\n");
}

/** The README with its table replaced. */
export function withTypeTable(readme, typeTable) {
  const [before, rest] = readme.split(begin);
  const after = rest?.split(end)[1];
  if (after === undefined) throw new Error(`the README has no place for the table: ${begin} … ${end}`);
  return `${before}${begin}\n\n${renderTypeTable(typeTable)}\n\n${end}${after}`;
}
