// The bytes of keys that were read, beside the objects that stand for them. Most keys need no memory: written again,
// they get the bytes that they came in. The others are remembered here by object, so that each addresses its own entry.

const remembered = new WeakMap<object, Uint8Array<ArrayBuffer>>();

/** The bytes of the key that an object was read from, if they were remembered. Not to be changed. */
export function keyBytesOf(key: object): Uint8Array<ArrayBuffer> | undefined {
  return remembered.get(key);
}

/** Whether two keys are one. */
export function areSameBytes(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false;
  for (let at = 0; at < left.length; at++) if (left[at] !== right[at]) return false;
  return true;
}

/** Remembers which key an object stands for. Takes the bytes over. */
export function rememberKey(key: object, bytes: Uint8Array<ArrayBuffer>): void {
  remembered.set(key, bytes);
}
