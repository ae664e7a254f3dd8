const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Bytes as text in base64url without padding (RFC 4648, section 5). Browsers and Node have no one call for it. */
export function toBase64Url(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const bits = (bytes[at]! << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    for (let shift = 18; shift >= 0; shift -= 6) text += alphabet[(bits >> shift) & 63];
  }
  return text.slice(0, Math.ceil((bytes.length * 4) / 3));
}

/** The bytes of such a text; undefined if it is none. */
export function fromBase64Url(text: string): Uint8Array | undefined {
  if (text.length % 4 === 1) return undefined;
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let bits = 0;
  let at = 0;
  for (const [index, letter] of [...text].entries()) {
    const six = alphabet.indexOf(letter);
    if (six < 0) return undefined;
    bits = (bits << 6) | six;
    if (index % 4 > 0) bytes[at++] = (bits >> (6 - 2 * (index % 4))) & 0xff;
  }
  return bytes;
}
