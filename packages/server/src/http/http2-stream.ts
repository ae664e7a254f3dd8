import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import { type GrpcHost, serveGrpcCall } from "../grpc/grpc-call.ts";
import { isGrpcContentType } from "../grpc/is-grpc.ts";
import { answerPage, type PageHost, type PageResponse, plainText } from "./page.ts";

/** What the HTTP/2 side needs. */
export interface Http2Host {
  readonly grpc: GrpcHost;
  readonly pages: PageHost;
  readonly scheme: "http" | "https";
}

/** Serves one HTTP/2 stream: a gRPC call by its content type, else a page. Never throws. */
export function serveHttp2Stream(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  host: Http2Host,
): void {
  // A reset with an error code surfaces here; `close` follows and says all that is needed.
  stream.on("error", ignore);
  if (stream.destroyed) return;
  const method = headers[":method"] ?? "GET";
  if (isGrpcContentType(headers["content-type"])) {
    if (method === "POST") serveGrpcCall(stream, headers, host.grpc);
    else sendPage(stream, plainText(405, "gRPC calls are POST requests\n", { allow: "POST" }));
    return;
  }
  const path = headers[":path"] ?? "/";
  if (host.grpc.methods.has(path)) {
    sendPage(stream, plainText(415, "the content type of a gRPC call is application/grpc\n"));
    return;
  }
  const request = { method, target: path, host: headers[":authority"], scheme: host.scheme };
  answerPage(request, host.pages).then(
    (page) => sendPage(stream, page),
    (caught) => {
      host.grpc.logger.error({ err: caught }, "an HTTP request failed");
      stream.destroy();
    },
  );
}

function sendPage(stream: ServerHttp2Stream, page: PageResponse): void {
  if (stream.destroyed || stream.closed) return;
  stream.resume();
  stream.respond({ ":status": page.status, ...page.headers });
  stream.end(page.body);
}

function ignore(): void {}
