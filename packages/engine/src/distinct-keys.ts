import { keyText } from "@everdict/store";

/** So few keys are compared by their texts. */
const fewKeys = 64;
/** A table with room for twice the keys needs a look or two for each, unless they were chosen to collide. */
const looksPerKeyMax = 8;

/** Whether no two of these keys are equal. */
export function areDistinct(keys: readonly { readonly key: Uint8Array }[]): boolean {
  return (keys.length > fewKeys ? byTable(keys) : undefined) ?? byText(keys);
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
  let looksLeft = looksPerKeyMax * keys.length;
  for (let index = 0; index < keys.length; index++) {
    const { key } = keys[index]!;
    let at = hash(key) & mask;
    for (let other = cells[at]!; other !== 0; other = cells[at]!) {
      if (--looksLeft < 0) return undefined;
      if (areEqual(key, keys[other - 1]!.key)) return false;
      at = (at + 1) & mask;
    }
    cells[at] = index + 1;
  }
  return true;
}

function hash(key: Uint8Array): number {
  let mixed = key.length;
  for (let at = 0; at < key.length; at++) {
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
