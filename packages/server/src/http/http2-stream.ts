import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import type { ConnectionAccount } from "../connections/connection-account.ts";
import { type Logins, RefusedLogin, tokenIn } from "../connections/logins.ts";
import { countAsStrangers, dropBody } from "../connections/stranger-stream.ts";
import { isOver, reset } from "../connections/stream-end.ts";
import { serveGrpcCall } from "../grpc/grpc-call.ts";
import type { GrpcHost } from "../grpc/grpc-host.ts";
import { isGrpcContentType } from "../grpc/is-grpc.ts";
import { refuseGrpcCall } from "../grpc/refuse-grpc-call.ts";
import type { ProbedServer } from "../probes/health-status.ts";
import { ReflectionCall, reflectionPath } from "../probes/reflection-call.ts";
import { healthCheckPath, serveHealthCheck } from "../probes/serve-health-check.ts";
import { answerPage, type PageHost, plainText } from "./page.ts";
import { type PageResponse, pageRequest } from "./page-exchange.ts";

/** What the HTTP/2 side needs. */
export interface Http2Host {
  readonly grpc: GrpcHost;
  readonly connections: ConnectionAccount;
  readonly logins: Logins;
  readonly pages: PageHost;
  readonly probed: ProbedServer;
}

/** Serves one HTTP/2 stream: a gRPC call by its content type, else a page. Never throws. */
export function serveHttp2Stream(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  host: Http2Host,
): void {
  // A reset with an error code surfaces here; `close` follows and says all that is needed.
  stream.on("error", ignore);
  try {
    serve(stream, headers, host);
  } catch (caught) {
    // Nobody above catches it, and so it would end the process.
    if (isOver(stream)) return;
    host.grpc.logger.error({ err: caught }, "an HTTP/2 request failed");
    stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  }
}

function serve(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, host: Http2Host): void {
  if (isOver(stream)) return;
  if (headers[":method"] === "POST" && isGrpcContentType(headers["content-type"])) {
    const connection = host.connections.of(stream.session);
    const path = headers[":path"];
    if (path === healthCheckPath) {
      serveHealthCheck(stream, headers, connection, host.probed);
      return;
    }
    const { id, secret } = tokenIn(headers);
    const caller = host.logins.login(connection, id, secret);
    if (caller instanceof RefusedLogin)
      refuseGrpcCall(stream, headers, {
        connection,
        delayMs: caller.delayMs,
        unserved: host.grpc.unserved,
      });
    else if (path === reflectionPath) new ReflectionCall(stream, headers, caller, host.grpc.openCalls);
    else serveGrpcCall(stream, headers, caller, host.grpc);
  } else servePage(stream, headers, host);
}

/** A request for a page counts as a stranger's, no matter who asks, until the client has taken the page. */
function servePage(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, host: Http2Host): void {
  const connection = host.connections.of(stream.session);
  if (!countAsStrangers(stream, headers, connection)) return;
  // The body, if there is one, means nothing to any page.
  dropBody(stream, () => reset(stream, constants.NGHTTP2_NO_ERROR));
  sendPage(stream, pageFor(headers, host));
}

function pageFor(headers: IncomingHttpHeaders, { grpc, pages }: Http2Host): PageResponse {
  if (isGrpcContentType(headers["content-type"])) {
    return plainText(405, "gRPC calls are POST requests\n", { allow: "POST" });
  }
  const path = headers[":path"] ?? "/";
  if (grpc.methods.has(path)) {
    return plainText(415, "the content type of a gRPC call is application/grpc\n");
  }
  return answerPage(pageRequest(headers[":method"], path, headers), pages);
}

function sendPage(stream: ServerHttp2Stream, page: PageResponse): void {
  if (isOver(stream)) return;
  stream.respond({ ":status": page.status, ...page.headers });
  stream.end(page.body);
}

function ignore(): void {}
