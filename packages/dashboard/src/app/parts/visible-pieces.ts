/** A piece of text: either text that can be shown as it is, or the name of a character that nobody would see. */
export interface TextPiece {
  readonly text: string;
  readonly isControl: boolean;
}

// Control characters, surrogates without a partner, and what changes the direction or the place of text around it.
const unseen =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u115f\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ufff9-\ufffb]|\p{Cs}/gu;
const short: Readonly<Record<string, string>> = { "\n": "⏎", "\t": "⇥", "\r": "␍", "\0": "␀" };

/** Cuts text into what can be shown and what has to be named, so that no text can pretend to be another. */
export function visiblePieces(text: string): TextPiece[] {
  const pieces: TextPiece[] = [];
  let from = 0;
  for (const match of text.matchAll(unseen)) {
    if (match.index > from) pieces.push({ text: text.slice(from, match.index), isControl: false });
    const code = match[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
    pieces.push({ text: short[match[0]] ?? `U+${code}`, isControl: true });
    from = match.index + match[0].length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from), isControl: false });
  return pieces;
}
