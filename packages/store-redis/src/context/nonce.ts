import { randomBytes } from "node:crypto";

/** A text that no other call has. It tells a repeat of the same call from what another call did. */
export function newNonce(): string {
  return randomBytes(12).toString("base64url");
}
