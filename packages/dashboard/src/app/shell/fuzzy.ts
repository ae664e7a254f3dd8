/**
 * How well a name matches what was typed: undefined if the letters do not appear in it in this order, else the lower the
 * better. Letters that stand together and at the beginning of a word count as near.
 */
export function fuzzyDistance(typed: string, name: string): number | undefined {
  const text = name.toLowerCase();
  const wanted = typed.toLowerCase().replaceAll(" ", "");
  const whole = text.indexOf(wanted);
  if (whole >= 0) return whole / 1_000;
  let distance = 1;
  let at = -1;
  for (const letter of wanted) {
    const next = text.indexOf(letter, at + 1);
    if (next < 0) return undefined;
    const isWordStart = next === 0 || /[\s._-]/.test(text[next - 1]!);
    distance += isWordStart ? 0 : next - at;
    at = next;
  }
  return distance;
}
