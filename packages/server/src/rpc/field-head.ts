/** What stands before large bytes in a message, so that they need not be copied into it. */

/** Values from this size on are not copied. */
export const uncopiedMinBytes: number = 32 * 1024;

/** The tag and the length of a field of bytes, or of a message. */
export function fieldHead(field: number, bytes: number): number[] {
  return [...varint(field * 8 + 2), ...varint(bytes)];
}

/**
 * What stands before a large value that is the last field of a message, which is itself a field.
 *
 * @param outerField - the field that holds the message
 * @param before - the other fields of the message
 */
export function nestedHead(
  outerField: number,
  before: Uint8Array,
  valueField: number,
  valueBytes: number,
): Uint8Array {
  const valueHead = fieldHead(valueField, valueBytes);
  const outerHead = fieldHead(outerField, before.length + valueHead.length + valueBytes);
  return Uint8Array.from([...outerHead, ...before, ...valueHead]);
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}
