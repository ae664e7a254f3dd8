import { randomBytes } from "node:crypto";

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** The largest multiple of the alphabet's size that fits a byte: bytes above would favour some characters. */
const unbiasedBelow = 256 - (256 % alphabet.length);

/** This many random letters and digits, each worth 5.95 bits, from the system's cryptographic source. */
export function randomText(length: number): string {
  let text = "";
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      if (byte < unbiasedBelow && text.length < length) text += alphabet[byte % alphabet.length];
    }
  }
  return text;
}
