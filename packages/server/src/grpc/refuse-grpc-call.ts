import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import type { EverdictError } from "@everdict/protocol";
import type { Connection } from "../connections/connection.ts";
import { countAsStrangers, dropBody } from "../connections/stranger-stream.ts";
import { isOver, lingerMs, reset } from "../connections/stream-end.ts";
import { respondAtOnce, statusHeaders } from "./answer-writer.ts";
import { asksForToken, noTokenToGive, notAuthenticated } from "./refusals.ts";
import { statusTrailers } from "./status-trailers.ts";
import type { UnservedRpcs } from "./unserved-rpcs.ts";

/** The whole answer: a response without a body, whose status is in its only headers. */
function refusal(error: EverdictError) {
  return Object.freeze({
    ...statusHeaders,
    ...statusTrailers(error),
  });
}

const toStrangers = refusal(notAuthenticated());
const toThoseWhoAskForOne = refusal(noTokenToGive());

/** What there is to know of a call whose caller is nobody. */
export interface RefusedCall {
  readonly connection: Connection | undefined;
  readonly delayMs: number;
  readonly unserved: UnservedRpcs;
}

/**
 * Answers a gRPC call whose caller is nobody, after a while. Until then and while the client reads the answer, only the
 * stream is held, as a stranger's. Never throws.
 */
export function refuseGrpcCall(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  { connection, delayMs, unserved }: RefusedCall,
): void {
  if (!countAsStrangers(stream, headers, connection)) return;
  const path = headers[":path"] ?? "";
  const isAsking = asksForToken(path);
  if (isAsking) unserved.count(path);
  let hasEnded = false;
  let timer: NodeJS.Timeout | undefined;
  const after = (ms: number, action: () => void): void => {
    timer = setTimeout(action, ms).unref();
  };
  // Most clients are about to end their request. Then the stream is reset without an error, which tells the client to
  // stop and to take the status it has.
  const answer = (): void => {
    if (isOver(stream) || stream.headersSent) return;
    stream.respond(isAsking ? toThoseWhoAskForOne : toStrangers, respondAtOnce);
    if (!hasEnded) after(lingerMs, () => reset(stream, constants.NGHTTP2_NO_ERROR));
  };
  dropBody(stream, () => {
    clearTimeout(timer);
    answer();
    reset(stream, constants.NGHTTP2_NO_ERROR);
  });
  stream.on("end", () => {
    hasEnded = true;
  });
  stream.on("close", () => clearTimeout(timer));
  if (delayMs === 0) answer();
  else after(delayMs, answer);
}
