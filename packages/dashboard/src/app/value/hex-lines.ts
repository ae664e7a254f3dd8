const lineBytes = 16;

/** Bytes as lines of an address, 16 bytes in hexadecimal, and what of them is printable ASCII. */
export function hexLines(bytes: Uint8Array, max: number): string {
  const lines: string[] = [];
  for (let at = 0; at < Math.min(bytes.length, max); at += lineBytes) {
    const line = bytes.subarray(at, Math.min(at + lineBytes, max));
    const digits = Array.from(line, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const text = Array.from(line, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "."));
    lines.push(`${at.toString(16).padStart(8, "0")}  ${digits.padEnd(lineBytes * 3 - 1)}  ${text.join("")}`);
  }
  return lines.join("\n");
}
