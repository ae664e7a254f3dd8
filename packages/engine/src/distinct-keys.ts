import { keyText } from "@everdict/store";

/** A table with room for twice the keys needs a look or two for each, unless they were chosen to collide. */
const looksPerKeyMax = 8;
const endBytes = 256;

/** Whether no two of these keys are equal. */
export function areDistinct(keys: readonly { readonly key: Uint8Array }[]): boolean {
  return keys.length < 2 || (byTable(keys) ?? byText(keys));
}

function byText(keys: readonly { readonly key: Uint8Array }[]): boolean {
  const seen = new Set<string>();
  for (const { key } of keys) {
    const { size } = seen;
    if (seen.add(keyText(key)).size === size) return false;
  }
  return true;
}

/** Makes no object for a key, which takes a tenth of the time. Undefined: there were too many collisions. */
function byTable(keys: readonly { readonly key: Uint8Array }[]): boolean | undefined {
  const cells = new Uint32Array(2 ** Math.ceil(Math.log2(2 * keys.length)));
  const mask = cells.length - 1;
  const hashes = new Int32Array(keys.length);
  let looksLeft = looksPerKeyMax * keys.length;
  for (let index = 0; index < keys.length; index++) {
    const { key } = keys[index]!;
    const hashed = hash(key);
    hashes[index] = hashed;
    let at = hashed & mask;
    for (let other = cells[at]!; other !== 0; other = cells[at]!) {
      if (--looksLeft < 0) return undefined;
      if (hashes[other - 1] === hashed && areEqual(key, keys[other - 1]!.key)) return false;
      at = (at + 1) & mask;
    }
    cells[at] = index + 1;
  }
  return true;
}

/** Of a long key its beginning and its end are looked at. */
function hash(key: Uint8Array): number {
  const { length } = key;
  let mixed = mix(length, key, 0, Math.min(length, endBytes));
  if (length > endBytes) mixed = mix(mixed, key, Math.max(endBytes, length - endBytes), length);
  return mixed;
}

function mix(digest: number, key: Uint8Array, start: number, end: number): number {
  let mixed = digest;
  for (let at = start; at < end; at++) {
    mixed = Math.imul(mixed ^ key[at]!, 0x01000193);
    mixed ^= mixed >>> 15;
  }
  return mixed;
}

function areEqual(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  for (let at = one.length - 1; at >= 0; at--) {
    if (one[at] !== other[at]) return false;
  }
  return true;
}
