import { createError, type EverdictError } from "@everdict/protocol";

/** Too slow, too early, too often. */
const passing: ReadonlySet<number> = new Set([408, 425, 429]);

/** What an answer to an upgrade means that is not `101`. */
export function refusedUpgrade(status: number): EverdictError {
  if (status === 401) {
    return createError("unauthenticated", "the token id or the token secret is unknown or revoked");
  }
  // What a proxy says while the server is away, and what passes.
  if (passing.has(status) || (status >= 500 && status !== 501 && status !== 505)) {
    return createError("unavailable", `the server, or a proxy before it, answered HTTP ${status}`);
  }
  return servesNone(`it answered HTTP ${status}`);
}

/** The server there serves no sessions. */
export function servesNone(detail: string, cause?: unknown): EverdictError {
  return createError("unimplemented", `whoever is there serves no sessions: ${detail}`, { cause });
}

/** Why a connection that could not be made, or was lost before there was a session, was lost. */
export function connectionError(cause: unknown): EverdictError {
  const { code, message, errors } = (cause ?? {}) as Partial<AggregateError> & { code?: string };
  // Of a name with several addresses the text is empty: it is in the failures of each.
  const reason =
    message || errors?.map((each: Error) => each.message).join("; ") || "the connection was closed";
  // A server that speaks only HTTP/2 does not agree on HTTP/1.1, or its answer is no HTTP/1.1.
  if (code === "ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL" || code?.startsWith("HPE_")) {
    return servesNone("it speaks no HTTP/1.1", cause);
  }
  return createError("unavailable", `no connection: ${reason}`, { cause });
}
