/** How many terminal columns text takes, and cutting it to a number of columns. */

import stringWidth from "string-width";

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

// Most characters are of one or two code units, and no terminal shows thousands of columns. Longer text is not walked:
// the platform's segmenter takes time that grows with the square of the length.
const unitsPerColumn = 8;

/**
 * The columns that `text` takes on a terminal, or `most` if it takes more. What a long text costs depends on `most`, not
 * on its length. Control characters must have been escaped before.
 */
export function displayWidth(text: string, most: number): number {
  if (text.length > most * unitsPerColumn) return most;
  return Math.min(stringWidth(text), most);
}

/** Cuts `text` to at most `columns` columns, marking the cut with `…`. */
export function cutToWidth(text: string, columns: number): string {
  const head = text.slice(0, columns * unitsPerColumn);
  if (head.length === text.length && displayWidth(text, columns + 1) <= columns) return text;
  let width = 0;
  let kept = "";
  for (const { segment } of segmenter.segment(head)) {
    const next = width + stringWidth(segment);
    if (next > columns - 1) break;
    width = next;
    kept += segment;
  }
  return `${kept}…`;
}
