// Hashes that tell most values apart by little of their content, for tables in which a collision only costs time.

/** By its length and four of its characters. */
export function hashOfText(text: string): number {
  const { length } = text;
  if (length === 0) return 0;
  return (
    length +
    text.charCodeAt(0) * 7 +
    text.charCodeAt(length >> 1) * 31 +
    text.charCodeAt(length === 1 ? 0 : length - 2) * 61 +
    text.charCodeAt(length - 1) * 127
  );
}

/** By its length and first element. */
export function hashOfArray(items: readonly unknown[]): number {
  return items.length + hashOfScalar(items[0]);
}

/** Of a plain object, by its first property. */
export function hashOfProperty(name: unknown, value: unknown): number {
  return (name as string).length + hashOfScalar(value);
}

function hashOfScalar(value: unknown): number {
  if (typeof value === "string") return hashOfText(value);
  // Some of a fraction counts, too.
  return typeof value === "number" ? (value * 8) | 0 : 0;
}
