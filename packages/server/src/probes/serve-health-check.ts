import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import { createError, errorFrom, Status } from "@everdict/protocol";
import type { Connection } from "../connections/connection.ts";
import { countAsStrangers } from "../connections/stranger-stream.ts";
import { isOver, reset } from "../connections/stream-end.ts";
import { respondAtOnce, respondWithTrailers, responseHeaders, statusHeaders } from "../grpc/answer-writer.ts";
import { declaredBytes, framePrefixBytes } from "../grpc/message-frame.ts";
import { singleHeader } from "../grpc/single-header.ts";
import { okTrailers, statusTrailers } from "../grpc/status-trailers.ts";
import { askedService, framedStatus, type ProbedServer, servingStatus } from "./health-status.ts";

/** Where `grpc.health.v1.Health/Check` is called. */
export const healthCheckPath = "/grpc.health.v1.Health/Check";

/** More than the name of any service takes. */
const requestMaxBytes = 1024;

/** What the protocol of health checks asks for; no error of ours is about services. */
const noSuchService = Object.freeze({
  "grpc-status": String(Status.NOT_FOUND),
  "grpc-message": "this server has no such service",
});

/**
 * Says if the server is ready, as `/readyz` does. It needs no token, because probes have none. The call counts
 * as a stranger's. Never throws.
 */
export function serveHealthCheck(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  connection: Connection | undefined,
  server: ProbedServer,
): void {
  if (!countAsStrangers(stream, headers, connection)) return;
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > requestMaxBytes) reset(stream, constants.NGHTTP2_ENHANCE_YOUR_CALM);
    else chunks.push(chunk);
  });
  stream.on("end", () => {
    const encoding = singleHeader(headers["grpc-encoding"]);
    if (!isOver(stream)) answer(stream, Buffer.concat(chunks), encoding, server);
  });
}

function answer(
  stream: ServerHttp2Stream,
  body: Buffer,
  encoding: string | undefined,
  server: ProbedServer,
): void {
  let status: ReturnType<typeof servingStatus>;
  try {
    status = servingStatus(server, serviceIn(body, encoding));
  } catch (caught) {
    stream.respond({ ...statusHeaders, ...statusTrailers(errorFrom(caught)) }, respondAtOnce);
    return;
  }
  if (status === undefined) {
    stream.respond({ ...statusHeaders, ...noSuchService }, respondAtOnce);
    return;
  }
  stream.on("wantTrailers", () => stream.sendTrailers(okTrailers));
  stream.respond(responseHeaders, respondWithTrailers);
  stream.end(framedStatus(status));
}

/** The service that a request asks for. @throws what is wrong with the request */
function serviceIn(body: Buffer, encoding: string | undefined): string {
  const isWhole =
    body.length >= framePrefixBytes &&
    declaredBytes(body, { maxBytes: requestMaxBytes, encoding }) === body.length - framePrefixBytes;
  if (!isWhole) throw createError("invalid_argument", "the request is not one whole message");
  return askedService(body.subarray(framePrefixBytes));
}
