/**
 * Tables for people: a heading, aligned columns, cut to the width of the terminal.
 *
 * Rows may keep arriving for long, so column widths are fixed by the first rows and memory stays flat; a later
 * cell that is wider is cut on a terminal and pushes its row out of line elsewhere. Output that does not go
 * to a terminal is never cut: a script must be able to rely on it. A cell of megabytes costs no more than printing it:
 * nothing is measured further than its column can be wide.
 */

import type { CliOutput } from "../cli-context.ts";
import { cutToWidth, displayWidth } from "./display-width.ts";
import { writeOut } from "./write-out.ts";

const sampleRows = 200;
const gap = "  ";
const columnMinWidth = 8;
// What is aligned where nothing is cut: a wider cell pushes its own row out of line, not all rows.
const alignedMaxWidth = 200;
// Of a terminal that does not say how wide it is, or says 0, as some do that a program made.
const terminalDefaultWidth = 80;

/** Prints a table of text cells. Cells must hold no control characters. */
export async function writeTable(
  output: CliOutput,
  headings: readonly string[],
  rows: AsyncIterable<readonly string[]> | Iterable<readonly string[]>,
): Promise<void> {
  let sample: (readonly string[])[] | undefined = [headings];
  let widths: readonly number[] = [];
  const cut = output.isTTY === true;
  const terminalWidth = cut ? output.columns || terminalDefaultWidth : undefined;
  const flush = async (): Promise<boolean> => {
    if (sample === undefined) return true;
    widths = columnWidths(sample, terminalWidth);
    const text = sample.map((row) => formatRow(row, widths, cut)).join("");
    sample = undefined;
    return writeOut(output, text);
  };
  for await (const row of rows) {
    if (sample === undefined) {
      if (!(await writeOut(output, formatRow(row, widths, cut)))) return;
    } else if (sample.push(row) > sampleRows && !(await flush())) return;
  }
  await flush();
}

/** The widest cell of each column; if they do not fit together, the widest columns give way. */
function columnWidths(rows: readonly (readonly string[])[], terminalWidth: number | undefined): number[] {
  const most = terminalWidth ?? alignedMaxWidth;
  const widths = (rows[0] ?? []).map((_, column, { length }) =>
    // Nothing stands right of the last column.
    terminalWidth === undefined && column === length - 1
      ? 0
      : Math.max(...rows.map((row) => displayWidth(row[column] ?? "", most))),
  );
  if (terminalWidth === undefined) return widths;
  let excess =
    widths.reduce((sum, width) => sum + width, 0) + gap.length * (widths.length - 1) - terminalWidth;
  while (excess > 0) {
    const widest = widths.indexOf(Math.max(...widths));
    if ((widths[widest] ?? 0) <= columnMinWidth) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
    excess -= 1;
  }
  return widths;
}

function formatRow(row: readonly string[], widths: readonly number[], cut: boolean): string {
  const cells = row.map((cell, column) => {
    const width = widths[column] ?? 0;
    const shown = cut ? cutToWidth(cell, width) : cell;
    // The last column needs no padding, and trailing spaces would wrap.
    return column === row.length - 1 ? shown : shown + " ".repeat(width - displayWidth(shown, width));
  });
  return `${cells.join(gap).trimEnd()}\n`;
}
