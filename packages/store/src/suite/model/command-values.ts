import type { AddChange, Change, KeyPattern, TimedEntry, TimeToLiveMs } from "@everdict/protocol";
import type { Store } from "../../store.ts";
import { type BytesLike, bytes, patternedBytes } from "../bytes.ts";
import { number } from "../commit-words.ts";
import { answerText } from "./answer-text.ts";
import { type ChangeSpec, type EntrySpec, type TtlSpec, tickMs, type ValueSpec } from "./command.ts";

// Chosen to be awkward: empty, zeros, prefixes of each other, no UTF-8, equal under CRC-32, long.
/** How many keys a run has. */
export const keysCount = 12;

const keys = [
  "",
  "\0",
  "\0\0",
  "a",
  "a\0",
  "ab",
  "\xff",
  "\xc3(",
  "plumless",
  "buckeroo",
  "k",
  "k".repeat(900),
];

/** The key of that number. */
export function key(index: number): Uint8Array {
  return bytes(keys[index]! as BytesLike);
}

/** The value that is meant. */
export function value(spec: ValueSpec): Uint8Array {
  return "number" in spec ? number(spec.number) : patternedBytes(spec.length, spec.seed);
}

/** The entries that are meant. */
export function entries(specs: readonly EntrySpec[]): TimedEntry[] {
  return specs.map(([index, spec, ttl]) => ({ key: key(index), value: value(spec), ttlMs: ttlMs(ttl) }));
}

/** The change that is meant. */
export function change(spec: ChangeSpec): Change {
  const at = key(spec.key);
  switch (spec.make) {
    case "put":
      return { kind: "put", key: at, value: value(spec.value), ttlMs: ttlMs(spec.ttl) };
    case "add":
      return addition(at, spec);
    case "remove":
      return { kind: "remove", key: at };
    case "touch":
      return { kind: "touch", key: at, ttlMs: ttlMs(spec.ttl) };
  }
}

function addition(at: Uint8Array, spec: Extract<ChangeSpec, { make: "add" }>): AddChange {
  const { by, initial, max, ttl } = spec;
  return {
    kind: "add",
    key: at,
    by: number(by),
    initial: initial === undefined ? undefined : number(initial),
    max: max === undefined ? undefined : number(max),
    ttlOnCreateMs: ttlMs(ttl),
  };
}

function ttlMs(ttl: TtlSpec): TimeToLiveMs | undefined {
  return typeof ttl === "number" ? (ttl + 0.5) * tickMs : ttl;
}

/** What a stream shows, as sorted texts. */
export async function contents(store: Store, dictId: string): Promise<string[]> {
  const shown: string[] = [];
  for await (const batch of store.contents(dictId, { keys: true, values: true })) {
    for (const entry of batch) shown.push(await answerText(() => entry));
  }
  return shown.sort();
}

/** What all pages show, as sorted texts. */
export async function pages(
  store: Store,
  dictId: string,
  limit: number,
  prefix: number | undefined,
): Promise<string[]> {
  const match: KeyPattern[] | undefined =
    prefix === undefined ? undefined : [[{ offset: 0, bytes: key(prefix) }]];
  const shown: string[] = [];
  let after: Uint8Array | undefined;
  do {
    const page = await store.page(dictId, { match, after, limit, values: true });
    for (const entry of page.entries) shown.push(await answerText(() => entry));
    after = page.next;
  } while (after !== undefined);
  return shown.sort();
}
