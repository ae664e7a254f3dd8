const hex = "0123456789ABCDEF";

/**
 * Encodes a text for the `grpc-message` trailer: its UTF-8 bytes, all but printable ASCII other than `%` as
 * `%XX` ("Responses" of the gRPC HTTP/2 specification). A lone surrogate becomes U+FFFD.
 */
export function percentEncode(text: string): string {
  if (/^[ -$&-~]*$/.test(text)) return text;
  let encoded = "";
  for (const byte of Buffer.from(text, "utf8")) {
    const plain = byte >= 0x20 && byte <= 0x7e && byte !== 0x25;
    encoded += plain ? String.fromCharCode(byte) : `%${hex[byte >> 4]}${hex[byte & 15]}`;
  }
  return encoded;
}
