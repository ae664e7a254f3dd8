import type { KeyPattern, TimedEntry } from "@everdict/protocol";
import type { OwnedEntry } from "./write-parts.ts";

/** The field of a key, copied. */
export function fieldOf(key: Uint8Array): Buffer {
  const field = Buffer.allocUnsafe(1 + key.length);
  field[0] = 107; // k
  field.set(key, 1);
  return field;
}

/** A copy of an entry: the caller may reuse its buffers at once. */
export function ownedEntry({ key, value, ttlMs }: TimedEntry): OwnedEntry {
  return { field: fieldOf(key), value: Buffer.from(value), ttlMs };
}

/** A copy of patterns, for the same reason. */
export function ownedPatterns(match: readonly KeyPattern[] | undefined): readonly KeyPattern[] | undefined {
  return match?.map((pattern) =>
    pattern.map(({ offset, bytes }) => ({ offset, bytes: Uint8Array.from(bytes) })),
  );
}
