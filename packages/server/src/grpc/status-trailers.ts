import type { OutgoingHttpHeaders } from "node:http2";
import { type EverdictError, errorTable, RequestSizeError, Status } from "@everdict/protocol";
import { percentEncode } from "./percent-encode.ts";
import { encodeRetryDetails } from "./retry-details.ts";

/** The trailer that carries the error's code to our own client. */
const codeTrailer = "x-everdict-code";

/** The trailers of a call that went well. */
export const okTrailers: OutgoingHttpHeaders = Object.freeze({ "grpc-status": String(Status.OK) });

/** Official clients turn an error into their `RequestSizeError` by this text alone (protocol section 2.9). */
const requestSizeMark = "status = '413'";

/** Trailers share the header limits of the client; no message of ours comes near this. */
const messageMaxLength = 2000;

/** How long clients wait after `overloaded` if the error does not say, in milliseconds. */
const defaultRetryAfterMs = 500;

/** The status of a failed call as HTTP/2 trailers. */
export function statusTrailers(error: EverdictError): OutgoingHttpHeaders {
  const { status, retry } = errorTable[error.code];
  const message = wireMessage(error);
  const trailers: OutgoingHttpHeaders = {
    "grpc-status": String(status),
    "grpc-message": percentEncode(message),
    [codeTrailer]: error.code,
  };
  if (retry === "after-backoff") {
    const retryAfterMs = error.retryAfterMs ?? defaultRetryAfterMs;
    trailers["grpc-status-details-bin"] = encodeRetryDetails(status, message, retryAfterMs);
  }
  return trailers;
}

/** The text a client sees: never empty, since an official client shows a traceback for an empty one. */
function wireMessage(error: EverdictError): string {
  const text = error.message === "" ? error.code.replaceAll("_", " ") : error.message;
  const bounded = text.length > messageMaxLength ? `${text.slice(0, messageMaxLength)}…` : text;
  if (!(error instanceof RequestSizeError) || bounded.includes(requestSizeMark)) return bounded;
  return `${bounded} (${requestSizeMark})`;
}
