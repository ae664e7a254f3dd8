import { createError, type EverdictError } from "@everdict/protocol";

/** The credentials of a call are unknown, or no longer valid. */
export function notAuthenticated(): EverdictError {
  const message =
    "the token id or the token secret is missing, unknown, revoked or past its end. Set MODAL_TOKEN_ID and " +
    "MODAL_TOKEN_SECRET (or the profile) to a token of this server; `everdict token create` makes one";
  return createError("unauthenticated", message);
}

/** Somebody without a token asks for one. */
export function noTokenToGive(): EverdictError {
  return createError("unauthenticated", noTokenFlow);
}

/** A path that is no RPC of this server. */
export function unknownRpc(path: string): EverdictError {
  if (asksForToken(path)) return createError("unimplemented", noTokenFlow);
  if (path.startsWith("/everdict.")) {
    return createError("unimplemented", `this server has no '${rpcName(path)}': it is older than its client`);
  }
  return createError(
    "unimplemented",
    `this server has dictionaries and environments only: it has no '${rpcName(path)}' of Modal's cloud`,
  );
}

/** The name of the RPC that a path asks for, as far as a log or a message should have it. */
export function rpcName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1).slice(0, 100);
}

/** Whether a path is one of those that `modal token new` and `modal setup` call, which open a page of Modal's. */
export function asksForToken(path: string): boolean {
  return /\/TokenFlow(Create|Wait)$/.test(path);
}

const noTokenFlow =
  "this server makes no tokens in a browser: run `everdict token create` on its machine, and set MODAL_TOKEN_ID and " +
  "MODAL_TOKEN_SECRET to what it prints, or give it to `modal token set`";
