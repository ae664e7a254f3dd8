/** An entry as a simulated client knows it. */
export interface Held {
  readonly value: string;
  /** When it ends; infinite for never. */
  readonly endMs: number;
}

/** What a client's dictionary holds, entries past their end included; undefined: there is no dictionary. */
export type Holding = ReadonlyMap<string, Held> | undefined;

/** What can be seen of a holding at a moment. */
export function visible(holding: Holding, nowMs: number): ReadonlyMap<string, string> | undefined {
  if (holding === undefined) return undefined;
  const live = [...holding].filter(([, { endMs }]) => nowMs < endMs);
  return new Map(live.map(([key, { value }]) => [key, value]));
}

/** Whether two dictionaries show the same. */
export function isSame(
  a: ReadonlyMap<string, string> | undefined,
  b: ReadonlyMap<string, string> | undefined,
): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
}

/** A dictionary's content, for messages. */
export function show(content: ReadonlyMap<string, string> | undefined): string {
  if (content === undefined) return "no dictionary";
  return `{${[...content].map(([key, value]) => `${key}: ${value.slice(0, 24)}`).join(", ")}}`;
}
