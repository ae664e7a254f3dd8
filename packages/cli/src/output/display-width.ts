/**
 * How many terminal columns text takes, and cutting it to a number of columns.
 *
 * Terminals give two columns to East Asian wide characters and to emoji and none to combining marks. Unicode
 * calls the former "East Asian Width W or F" (UAX #11); the ranges below are those in common use.
 */

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });
const narrowOnly = /^[\x20-\x7e]*$/;
const wide =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]|^[\u{20000}-\u{3fffd}]|^\p{Emoji_Presentation}/u;
const zeroWidth = /^[\p{Mark}\u200b-\u200d\ufeff]+$/u;

// Most characters are of one or two code units, and no terminal shows thousands of columns. Longer text is not walked:
// the platform's segmenter takes time that grows with the square of the length.
const unitsPerColumn = 8;

/**
 * The columns that `text` takes on a terminal, or `most` if it takes more. What a long text costs depends on `most`, not
 * on its length. Control characters must have been escaped before.
 */
export function displayWidth(text: string, most: number): number {
  if (text.length > most * unitsPerColumn) return most;
  if (narrowOnly.test(text)) return Math.min(text.length, most);
  let width = 0;
  for (const { segment } of segmenter.segment(text)) width += graphemeWidth(segment);
  return Math.min(width, most);
}

/** Cuts `text` to at most `columns` columns, marking the cut with `…`. */
export function cutToWidth(text: string, columns: number): string {
  const head = text.slice(0, columns * unitsPerColumn);
  if (head.length === text.length && displayWidth(text, columns + 1) <= columns) return text;
  let width = 0;
  let kept = "";
  for (const { segment } of segmenter.segment(head)) {
    const next = width + graphemeWidth(segment);
    if (next > columns - 1) break;
    width = next;
    kept += segment;
  }
  return `${kept}…`;
}

function graphemeWidth(grapheme: string): number {
  if (zeroWidth.test(grapheme)) return 0;
  return wide.test(grapheme) || grapheme.includes("\ufe0f") ? 2 : 1;
}
