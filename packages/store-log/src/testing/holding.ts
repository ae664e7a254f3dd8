/** The version of an entry, one for each write, as far as it was told. */
export interface HeldVersion {
  text?: string;
}

/** An entry as a simulated client knows it. */
export interface Held {
  readonly value: string;
  /** When it ends; infinite for never. */
  readonly endMs: number;
  /** Of the write; the same object after moves of the end. */
  readonly version: HeldVersion;
}

/** What a client's dictionary holds, entries past their end included; undefined: there is no dictionary. */
export type Holding = ReadonlyMap<string, Held> | undefined;

/** Whether an entry can be seen at a moment. */
export function isLiveAt(held: Held | undefined, nowMs: number): held is Held {
  return held !== undefined && nowMs < held.endMs;
}

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
