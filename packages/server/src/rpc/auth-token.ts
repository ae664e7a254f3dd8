import { createHmac, randomBytes } from "node:crypto";
import type { Caller } from "@everdict/engine";

/** How long an auth token is good for, in seconds. Clients refresh it after half of that. */
const lifetimeSeconds = 60 * 60;

/**
 * Issues the tokens that the JavaScript and Go clients ask for before anything else (protocol section 1.4).
 *
 * They have JWT form, signed with a key of this process. Nothing here depends on them: every call carries its
 * token id and secret. The payload is plain ASCII without `>`, `?` and `~`, so its base64url has neither `-` nor
 * `_`, which the JavaScript client's decoder rejects.
 */
export function createAuthTokenIssuer(clock: () => number = Date.now): (caller: Caller) => string {
  const key = randomBytes(32);
  const header = base64url(JSON.stringify({ alg: "HS256", typ: "JWT" }));
  return ({ id }) => {
    const issuedAtSeconds = Math.floor(clock() / 1000);
    const claims = {
      iat: issuedAtSeconds,
      exp: issuedAtSeconds + lifetimeSeconds,
      sub: id.replaceAll(/[^\w-]/g, ""),
    };
    const signed = `${header}.${base64url(JSON.stringify(claims))}`;
    return `${signed}.${createHmac("sha256", key).update(signed).digest("base64url")}`;
  };
}

function base64url(text: string): string {
  return Buffer.from(text, "latin1").toString("base64url");
}
