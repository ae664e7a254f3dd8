import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import { Status } from "@everdict/protocol";
import type { Connection } from "../connections/connection.ts";
import { countAsStrangers } from "../connections/stranger-stream.ts";
import { isOver, reset } from "../connections/stream-end.ts";
import { framePrefixBytes } from "../grpc/message-frame.ts";
import { askedService, framedStatus, type ProbedServer, servingStatus } from "./health-status.ts";

/** Where `grpc.health.v1.Health/Check` is called. */
export const healthCheckPath = "/grpc.health.v1.Health/Check";

/** More than the name of any service takes. */
const requestMaxBytes = 1024;

const headers = Object.freeze({ ":status": 200, "content-type": "application/grpc" });

/**
 * Says if the server is ready, as `/readyz` does. It needs no token, because probes have none. The call counts
 * as a stranger's. Never throws.
 */
export function serveHealthCheck(
  stream: ServerHttp2Stream,
  requestHeaders: IncomingHttpHeaders,
  connection: Connection | undefined,
  server: ProbedServer,
): void {
  if (!countAsStrangers(stream, requestHeaders, connection)) return;
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > requestMaxBytes) reset(stream, constants.NGHTTP2_ENHANCE_YOUR_CALM);
    else chunks.push(chunk);
  });
  stream.on("end", () => {
    if (!isOver(stream)) answer(stream, Buffer.concat(chunks), server);
  });
}

function answer(stream: ServerHttp2Stream, body: Buffer, server: ProbedServer): void {
  const fail = (status: number, message: string): void =>
    stream.respond(
      { ...headers, "grpc-status": String(status), "grpc-message": message },
      { endStream: true },
    );
  const isWhole = body.length >= framePrefixBytes && body[0] === 0;
  if (!isWhole || body.readUInt32BE(1) !== body.length - framePrefixBytes) {
    fail(Status.INVALID_ARGUMENT, "the request is not one uncompressed message");
    return;
  }
  let service: string;
  try {
    service = askedService(body.subarray(framePrefixBytes));
  } catch {
    fail(Status.INVALID_ARGUMENT, "the request is no HealthCheckRequest");
    return;
  }
  const status = servingStatus(server, service);
  if (status === undefined) {
    fail(Status.NOT_FOUND, "this server has no such service");
    return;
  }
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": String(Status.OK) }));
  stream.respond(headers, { waitForTrailers: true });
  stream.end(framedStatus(status));
}
