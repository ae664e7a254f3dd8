import { createError, type EverdictError } from "@everdict/protocol";
import { SessionProtocolError } from "../frames/session-protocol-error.ts";
import { sessionVersion } from "../frames/wire.ts";

/**
 * The reasons for which the server ends a session, or a request whose client stopped: the errors in GOODBYE or in the
 * answer.
 */
export const sessionEnds = {
  /** The credentials are unknown, or no longer valid. */
  tokenNotValid(): EverdictError {
    const message = "the token id or the token secret is missing, unknown, revoked or past its end";
    return createError("unauthenticated", message);
  },

  /** Something was thrown while a frame was handled: the client broke the protocol, or the server has a defect. */
  broken(caught: unknown): EverdictError {
    return caught instanceof SessionProtocolError
      ? createError("invalid_argument", `the session protocol was broken: ${caught.message}`)
      : createError("internal", "the server met a defect; its log has more");
  },

  /** The client speaks other versions only. */
  noCommonVersion(hello: { readonly minVersion: number; readonly maxVersion: number }): EverdictError {
    const offered = `${hello.minVersion} to ${hello.maxVersion}`;
    const message = `the client speaks versions ${offered} of the session protocol, this server ${sessionVersion}`;
    return createError("unimplemented", message);
  },

  /** The client connected and said nothing. */
  noHello(helloTimeoutMs: number): EverdictError {
    return createError("deadline_exceeded", `no HELLO within ${helloTimeoutMs} ms`);
  },

  /** The client has vanished. */
  noSignOfLife(): EverdictError {
    return createError("deadline_exceeded", "the client gives no sign of life");
  },

  /** The client leaves what is sent lying. */
  answersNotTaken(): EverdictError {
    return createError("deadline_exceeded", "the client does not take its answers");
  },

  /** A request in parts stays incomplete. Only the request ends. */
  requestStalled(): EverdictError {
    return createError("deadline_exceeded", "no further part of the request came");
  },
};
