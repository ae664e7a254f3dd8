/**
 * Text stored by others must not drive the terminal: escape sequences could move the cursor, rewrite what was
 * shown or set the title. Control characters, line separators and direction overrides are therefore shown in
 * escaped form wherever text meets a terminal.
 */

const controls =
  /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/gu;

const short: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** Shows control characters as `\n`, `\x1b` or `\u202e`; everything else stays. `keep` lists exceptions. */
export function escapeControls(text: string, keep = ""): string {
  return text.replace(controls, (character) => {
    if (keep.includes(character)) return character;
    const known = short[character];
    if (known !== undefined) return known;
    const codeUnit = character.charCodeAt(0);
    return codeUnit < 0x100 ? `\\x${hex(codeUnit, 2)}` : `\\u${hex(codeUnit, 4)}`;
  });
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}
