import { hash, randomBytes, timingSafeEqual } from "node:crypto";
import type { Authenticator, CreatedToken } from "@everdict/server";

/** One token that lives as long as this process, for a server that keeps nothing on disk. */
export function memoryToken(name: string): CreatedToken & { readonly authenticator: Authenticator } {
  const tokenId = `ak-${randomBytes(11).toString("hex")}`;
  const tokenSecret = `as-${randomBytes(32).toString("hex")}`;
  const secretHash = hash("sha256", tokenSecret, "buffer");
  const caller = { id: tokenId, name };
  const info = { tokenId, name, createdAtSeconds: Date.now() / 1000 };
  return {
    tokenId,
    tokenSecret,
    authenticator: {
      authenticate: (id, secret) =>
        id === tokenId && timingSafeEqual(hash("sha256", secret, "buffer"), secretHash) ? caller : undefined,
      isCurrent: () => true,
      describe: (id) => (id === tokenId ? info : undefined),
    },
  };
}
