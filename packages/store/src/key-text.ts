const sliceBytes = 8192;

/** A string that stands for the bytes of a key, one code unit a byte, to be used as the key of a `Map`. */
export function keyText(key: Uint8Array): string {
  let text = "";
  // In slices, since the number of arguments of a call is limited.
  for (let start = 0; start < key.length; start += sliceBytes) {
    text += String.fromCharCode.apply(null, key.subarray(start, start + sliceBytes) as unknown as number[]);
  }
  return text;
}
