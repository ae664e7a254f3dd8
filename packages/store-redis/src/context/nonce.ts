import { randomBytes } from "node:crypto";

/** A text that no other call has: tells a repeat of one's own from somebody else's doing. */
export function newNonce(): string {
  return randomBytes(12).toString("base64url");
}
