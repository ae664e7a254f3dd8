/** A table as Markdown, with its columns aligned so that it reads well as plain text too. */
export function renderTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, 3, ...rows.map((row) => (row[column] ?? "").length)),
  );
  // The first column is text, the others are figures.
  const cell = (text: string, column: number): string =>
    column === 0 ? text.padEnd(widths[0]!) : text.padStart(widths[column]!);
  const line = (cells: readonly string[]): string =>
    `| ${head.map((_, column) => cell(cells[column] ?? "", column)).join(" | ")} |`;
  const rule = widths.map((width, column) =>
    column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`,
  );
  return [line(head), `| ${rule.join(" | ")} |`, ...rows.map(line)].join("\n");
}

/** A number with as many digits as mean something: `1.23M`, `45.6k`, `789`, `1.23`. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return "-";
  if (value >= 999_500) return `${significant(value / 1e6)}M`;
  if (value >= 9_995) return `${significant(value / 1e3)}k`;
  return value >= 100 ? String(Math.round(value)) : significant(value);
}

function significant(value: number): string {
  return Number(value.toPrecision(3)).toString();
}
