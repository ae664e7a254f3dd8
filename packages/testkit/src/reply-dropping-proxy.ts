// A proxy for gRPC that loses replies: it forwards a call, waits until the server has executed and answered it,
// and then, where the test chooses so, gives the client no answer. That is the case idempotency keys exist for.
//
// It speaks HTTP/2 on both sides (node:http2), one upstream connection for each client connection. A stream of
// messages passes through without a choice: only unary calls are retried by clients.
import {
  type ClientHttp2Session,
  connect,
  constants,
  createServer,
  type Http2Session,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from "node:http2";
import type { AddressInfo } from "node:net";

/** One unary call on its way back. */
export interface ProxiedCall {
  /** The method's name, as in `DictPop`. */
  readonly method: string;
  /** 0 for the first attempt of a logical call. */
  readonly attempt: number;
  readonly idempotencyKey: string | undefined;
}

/**
 * What happens to an answer: `deliver` passes it on, `reset` ends the client's stream without it, `cut` ends
 * the client's whole connection.
 */
export type Fate = "deliver" | "reset" | "cut";

/** Decides what happens to an answer; may take its time, for example to kill the server meanwhile. */
export type Decide = (call: ProxiedCall) => Fate | Promise<Fate>;

/** A running proxy. */
export interface ReplyDroppingProxy extends AsyncDisposable {
  /** Its address, to be used as MODAL_SERVER_URL. */
  readonly url: string;
  /** How many answers met each fate so far. */
  readonly counts: Readonly<Record<Fate, number>>;
  /** Makes every call that arrives from now on wait until `release` is called. */
  hold(): { release(): void };
  close(): Promise<void>;
}

/** Starts a proxy in front of the server at `targetUrl`; `decide` is asked once for each answer of a unary call. */
export async function startReplyDroppingProxy(
  targetUrl: string,
  decide: Decide,
): Promise<ReplyDroppingProxy> {
  const counts: Record<Fate, number> = { deliver: 0, reset: 0, cut: 0 };
  const sessions = new Set<Http2Session>();
  const upstreamOf = upstreams(targetUrl);
  let gate: Promise<void> = Promise.resolve();

  const server = createServer();
  server.on("session", (session) => {
    sessions.add(session);
    session.on("error", () => {});
    session.on("close", () => sessions.delete(session));
  });
  server.on("stream", (stream, headers) => {
    // A stream that ends otherwise than by an answer is what this proxy is for.
    stream.on("error", () => {});
    void gate.then(() => {
      const { session } = stream;
      if (session === undefined || session.destroyed || stream.destroyed) return;
      forward(stream, headers, upstreamOf(session), async (call) => {
        const fate = await decide(call);
        counts[fate] += 1;
        if (fate === "cut") session.destroy();
        return fate;
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  const hold = (): { release(): void } => {
    let release: () => void = () => {};
    gate = new Promise((resolve) => {
      release = resolve;
    });
    return { release: () => release() };
  };
  const close = async (): Promise<void> => {
    for (const session of sessions) session.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, counts, hold, close, [Symbol.asyncDispose]: close };
}

/** Gives each client connection one upstream connection, made when first needed; they end together. */
function upstreams(targetUrl: string): (session: Http2Session) => ClientHttp2Session {
  const known = new WeakMap<Http2Session, ClientHttp2Session>();
  return (session) => {
    const existing = known.get(session);
    if (existing !== undefined) return existing;
    const upstream = connect(targetUrl);
    known.set(session, upstream);
    upstream.on("error", () => {});
    upstream.on("close", () => session.destroy());
    session.on("close", () => upstream.close());
    return upstream;
  };
}

function forward(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  upstream: ClientHttp2Session,
  decide: (call: ProxiedCall) => Promise<Fate>,
): void {
  const method = String(headers[":path"]).split("/").pop() ?? "";
  const request = upstream.request(withoutConnectionHeaders(headers), { endStream: false });
  // Only if the client gives up before the answer. Resetting streams that have ended looks like an attack to the
  // server ("rapid reset"), which then closes the connection.
  stream.on("aborted", () => {
    if (!request.readableEnded) request.close(constants.NGHTTP2_CANCEL);
  });
  request.on("error", () => stream.close(constants.NGHTTP2_INTERNAL_ERROR));
  stream.pipe(request);
  if (method === "DictContents") {
    passThrough(request, stream);
    return;
  }

  let responseHeaders: IncomingHttpHeaders = {};
  let trailers: IncomingHttpHeaders = {};
  const body: Buffer[] = [];
  request.on("response", (received) => {
    responseHeaders = received;
  });
  request.on("trailers", (received) => {
    trailers = received;
  });
  request.on("data", (chunk: Buffer) => body.push(chunk));
  request.on("end", async () => {
    const attempt = Number(headers["x-retry-attempt"] ?? 0);
    const fate = await decide({
      method,
      attempt,
      idempotencyKey: headers["x-idempotency-key"] as string | undefined,
    });
    if (fate === "reset") stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    if (fate !== "deliver" || stream.destroyed) return;
    // A trailers-only answer carries its status in the headers and has no trailers.
    const hasTrailers = Object.keys(trailers).length > 0;
    stream.respond(withoutConnectionHeaders(responseHeaders), { waitForTrailers: hasTrailers });
    stream.on("wantTrailers", () => stream.sendTrailers(withoutConnectionHeaders(trailers)));
    stream.end(Buffer.concat(body));
  });
}

function passThrough(request: ReturnType<ClientHttp2Session["request"]>, stream: ServerHttp2Stream): void {
  let trailers: IncomingHttpHeaders = {};
  request.on("response", (received) => {
    stream.respond(withoutConnectionHeaders(received), { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers(withoutConnectionHeaders(trailers)));
  });
  request.on("trailers", (received) => {
    trailers = received;
  });
  request.pipe(stream);
}

/** Headers to send on: node adds symbols of its own and sets some pseudo-headers itself. */
function withoutConnectionHeaders(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  const copied: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && name !== "connection") copied[name] = value as string | string[];
  }
  return copied;
}
