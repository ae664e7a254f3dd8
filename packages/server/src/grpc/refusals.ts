import { createError, type EverdictError } from "@everdict/protocol";

/** The credentials of a call are nobody's, or not any more. */
export function notAuthenticated(): EverdictError {
  const message =
    "the token id or the token secret is missing, unknown, revoked or past its end. Set MODAL_TOKEN_ID and " +
    "MODAL_TOKEN_SECRET (or the profile) to a token of this server; `everdict token create` makes one";
  return createError("unauthenticated", message);
}

/** A path that is no RPC of this server. */
export function unknownRpc(path: string): EverdictError {
  const name = path.slice(path.lastIndexOf("/") + 1).slice(0, 100);
  return createError("unimplemented", `this server has no RPC '${name}' (${path.slice(0, 200)})`);
}
