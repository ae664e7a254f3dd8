import { type IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { sessionPath, sessionUpgradeToken } from "@everdict/session";
import { endAfterAnswer } from "@everdict/session/node";
import type { Logger } from "pino";
import type { ConnectionAccount } from "../connections/connection-account.ts";
import { ignoredBodyMaxBytes } from "../connections/connection-limits.ts";
import { answerPage, type PageHost, plainText } from "./page.ts";
import { type PageResponse, pageRequest } from "./page-exchange.ts";

/** What the HTTP/1.1 side needs. */
export interface Http1Host {
  readonly connections: ConnectionAccount;
  readonly pages: PageHost;
  readonly isClosing: () => boolean;
  readonly logger: Logger;
}

/**
 * Answers a request to go on in a protocol that is not ours: one to HTTP/2 is ignored, as HTTP lets a server do, and
 * the request answered as it is; any other is refused. The connection ends with the answer, since the platform no
 * longer reads requests from it. Never throws.
 */
export function answerUpgrade(request: IncomingMessage, socket: Duplex, host: Http1Host): void {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket as Socket);
  response.on("finish", () => {
    response.detachSocket(socket as Socket);
    endAfterAnswer(socket);
  });
  socket.on("error", () => socket.destroy());
  answer(request, response, host);
}

/**
 * Answers one HTTP/1.1 request. It is counted as a stranger's until the client has taken its answer: too many that
 * were sent ahead, or an answer that is not taken, end the connection. Never throws.
 */
export function serveHttp1(request: IncomingMessage, response: ServerResponse, host: Http1Host): void {
  const { socket } = request;
  const open = host.connections.of(socket)?.begin(request.headers, () => socket.destroy());
  if (open === undefined) {
    socket.destroy();
    return;
  }
  response.on("close", () => open.finish());
  answer(request, response, host);
}

function answer(request: IncomingMessage, response: ServerResponse, host: Http1Host): void {
  const { pages, isClosing, logger } = host;
  try {
    const hasBody = dropBody(request);
    const target = request.url ?? "/";
    const refused = refusal(request);
    const page = refused ?? answerPage(pageRequest(request.method, target, request.headers), pages);
    const close = refused !== undefined || hasBody || isClosing();
    send(response, page, { close, head: request.method === "HEAD" });
  } catch (caught) {
    logger.error({ err: caught }, "an HTTP request failed");
    response.destroy();
  }
}

/** A body means nothing to any page. A little is read, so that a client that is sending it sees the answer. */
function dropBody(request: IncomingMessage): boolean {
  let droppedBytes = 0;
  request.on("data", (chunk: Buffer) => {
    droppedBytes += chunk.length;
    if (droppedBytes > ignoredBodyMaxBytes) request.socket.destroy();
  });
  const { headers } = request;
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

function refusal(request: IncomingMessage): PageResponse | undefined {
  const { upgrade } = request.headers;
  if (upgrade === undefined && request.url?.split("?", 1)[0] === sessionPath) {
    const tokens = `${sessionUpgradeToken}, websocket`;
    return plainText(426, "sessions begin with an HTTP/1.1 upgrade\n", { upgrade: tokens });
  }
  if (upgrade !== undefined && !/^h2c$/i.test(upgrade)) {
    return plainText(501, "this server accepts no upgrade to that protocol\n");
  }
  if (request.headers["content-type"]?.startsWith("application/grpc")) {
    return plainText(426, "gRPC needs HTTP/2\n", { upgrade: "h2c" });
  }
  return undefined;
}

function send(
  response: ServerResponse,
  page: PageResponse,
  options: { readonly close: boolean; readonly head: boolean },
): void {
  // Of an answer that has no body, the length would be that of the one that it stands for.
  const length = page.status === 304 ? {} : { "content-length": String(Buffer.byteLength(page.body)) };
  const headers = { ...page.headers, ...length };
  // A response to an upgrade attempt names the protocol in both headers.
  const connection = [options.close ? "close" : "", "upgrade" in headers ? "upgrade" : ""].filter(Boolean);
  response.writeHead(
    page.status,
    connection.length > 0 ? { ...headers, connection: connection.join(", ") } : headers,
  );
  response.end(options.head ? undefined : page.body);
}
