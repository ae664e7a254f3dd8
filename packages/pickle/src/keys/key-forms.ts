// The other forms of a key with repeated texts or bytes. Python writes equal ones as one object or as several, by where
// they came from. So a program that looks for such a key may have to look for each form.

import { type EncodeKeyOptions, writeKey } from "./encode-key.ts";
import { areSameBytes, keyBytesOf } from "./key-bytes.ts";
import { contentOf, isSingle } from "./key-texts.ts";

/** The most forms of a key that are looked for, its first one included: all of four equal texts, or of four pairs. */
export const FORMS_MAX = 16;

/**
 * The other bytes that Python may have written for a key whose texts or bytes repeat. There are at most 15, the likely
 * ones first, without those of {@link encodeKey}. A key without repeats has none, and neither has one that
 * {@link decodeKey} gave.
 *
 * @throws {SerializationError} as {@link encodeKey} does
 */
export function otherKeyForms(key: unknown, options: EncodeKeyOptions = {}): Uint8Array<ArrayBuffer>[] {
  if (!Array.isArray(key) || keyBytesOf(key) !== undefined) return [];
  const shared = writeKey(key, options, undefined);
  const copied = writeKey(key, options, "copy");
  if (areSameBytes(shared, copied)) return [];
  const forms = [options.repeats === "copy" ? shared : copied];
  for (const groups of someGroups([...countRepeats(key)])) {
    if (forms.length === FORMS_MAX - 1) break;
    if (isUniform(groups)) continue;
    const next = new Map<string, number>();
    const groupOf = (content: string): number => {
      const at = next.get(content) ?? 0;
      next.set(content, at + 1);
      return groups.get(content)?.[at] ?? 0;
    };
    forms.push(writeKey(key, options, groupOf));
  }
  return forms;
}

/** How often each text or bytes stands in a key, if more than once. */
function countRepeats(key: readonly unknown[]): Map<string, number> {
  const counts = new Map<string, number>();
  const open: Iterable<unknown>[] = [key];
  for (let items = open.pop(); items !== undefined; items = open.pop()) {
    for (const item of items) {
      if (Array.isArray(item) || item instanceof Set) open.push(item);
      else if ((typeof item === "string" || item instanceof Uint8Array) && !isSingle(item)) {
        const content = contentOf(item);
        counts.set(content, (counts.get(content) ?? 0) + 1);
      }
    }
  }
  for (const [content, count] of counts) if (count === 1) counts.delete(content);
  return counts;
}

type Groups = ReadonlyMap<string, readonly number[]>;

/** Whether all equal texts are one object each, or none is. */
function isUniform(groups: Groups): boolean {
  const all = [...groups.values()];
  return (
    all.every((each) => each.every((group) => group === 0)) ||
    all.every((each) => each.every((group, at) => group === at))
  );
}

/** Every way to say which of the equal texts are one object. */
function* someGroups(counts: readonly (readonly [string, number])[]): Generator<Groups> {
  const [first, ...others] = counts;
  if (first === undefined) {
    yield new Map();
    return;
  }
  const [content, count] = first;
  for (const rest of someGroups(others))
    for (const groups of partitions(count)) yield new Map([[content, groups], ...rest]);
}

/** Every way to part so many into groups: the group of each, numbered in the order in which they appear. */
function* partitions(count: number): Generator<readonly number[]> {
  if (count === 0) {
    yield [];
    return;
  }
  for (const start of partitions(count - 1)) {
    const groupCount = Math.max(-1, ...start) + 1;
    for (let group = 0; group <= groupCount; group++) yield [...start, group];
  }
}
