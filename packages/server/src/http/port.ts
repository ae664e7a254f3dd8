import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
} from "node:http";
import {
  createServer as createHttp2Server,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import type { TLSSocket } from "node:tls";
import { onFirstBytes } from "./first-bytes.ts";
import { SessionWatch } from "./session-watch.ts";

/**
 * One port for all protocols (design decision 9).
 *
 * The listening server is the HTTP/1.1 one of the platform, so its time limits for headers and requests, and its
 * closing of idle connections, work as documented. Only its entry is ours: a connection first shows its first
 * bytes, or with TLS the protocol that was negotiated, and goes to HTTP/2 or to the server's own entry.
 */

/** Certificate chain and private key, both PEM. */
export interface TlsFiles {
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
}

/** A gRPC call, with one answer or with many. */
export interface PortCall {
  readonly kind: "unary" | "serverStream" | undefined;
}

/** Who answers. */
export interface PortHandlers {
  readonly onRequest: RequestListener;
  /** A request to go on in another protocol on the same connection. The connection is the handler's. */
  readonly onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  readonly onStream: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;
  /** The gRPC calls that are not closed yet. */
  readonly openCalls: ReadonlyMap<ServerHttp2Stream, PortCall>;
}

const MIB = 1024 * 1024;

/** Windows wide enough for a value of the largest size to flow; what they admit is consumed as it arrives. */
const streamWindowBytes = 16 * MIB;
const connectionWindowBytes = 64 * MIB;

const http2Options = {
  settings: {
    initialWindowSize: streamWindowBytes,
    // A client may open so many at once, before it has even seen this number; what is above is refused unprocessed.
    maxConcurrentStreams: 4096,
    maxHeaderListSize: 64 * 1024,
  },
  maxHeaderListPairs: 256,
  // In MB. The default of 10 ends a session in which a few large values are under way; what bounds them is the
  // budget for requests and, for answers, the gate of each connection (grpc/response-gate.ts).
  maxSessionMemory: 4096,
  // Streams above the limit are refused one by one; that is no reason to end everybody else's on the session.
  maxSessionRejectedStreams: 100_000,
};

const http1Options = {
  noDelay: true,
  // Probes find the peers that vanished without a word.
  keepAlive: true,
  keepAliveInitialDelay: 30_000,
  headersTimeout: 15_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 5000,
  connectionsCheckingInterval: 5000,
};

const firstBytesTimeoutMs = 10_000;

/** How long a client may take to read the last unary answers of a session that is to be closed. */
const readingMs = 500;

/** A port that is listening. */
export class Port {
  readonly #listener: Server;
  readonly #http2: Http2Server;
  readonly #sockets = new Set<Socket>();
  /** Connections that belong to nobody yet. */
  readonly #undecided = new Set<Socket>();
  readonly #sessions = new Set<ServerHttp2Session>();
  readonly #watch = new SessionWatch();
  readonly #openCalls: ReadonlyMap<ServerHttp2Stream, PortCall>;

  private constructor(handlers: PortHandlers, tls: TlsFiles | undefined) {
    this.#openCalls = handlers.openCalls;
    this.#http2 = createHttp2Server(http2Options);
    this.#http2.on("session", (session) => this.#adopt(session));
    this.#http2.on("stream", handlers.onStream);
    // Nothing to do: the session is gone, and with it its calls.
    this.#http2.on("sessionError", ignore);
    this.#listener =
      tls === undefined
        ? createHttpServer(http1Options, handlers.onRequest)
        : createHttpsServer({ ...http1Options, ...tls, ...tlsOptions }, handlers.onRequest);
    this.#listener.on("upgrade", handlers.onUpgrade);
    this.#listener.on("connection", (socket: Socket) => this.#keep(socket));
    this.#takeEntry(tls === undefined ? "connection" : "secureConnection");
  }

  /** Listens. @throws what the platform does, for instance if the port is taken. */
  static async open(
    options: { readonly host: string; readonly port: number; readonly tls?: TlsFiles | undefined },
    handlers: PortHandlers,
  ): Promise<Port> {
    const port = new Port(handlers, options.tls);
    const listener = port.#listener;
    await new Promise<void>((resolve, reject) => {
      listener.once("error", reject);
      listener.listen({ host: options.host, port: options.port }, () => {
        listener.off("error", reject);
        resolve();
      });
    });
    // Accepting a connection can fail, for want of file descriptors for instance; the next may succeed.
    listener.on("error", ignore);
    return port;
  }

  /** Where it listens. */
  get address(): AddressInfo {
    return this.#listener.address() as AddressInfo;
  }

  /**
   * Takes no new connections, ends each one when what it had accepted is finished, and after `graceMs` ends the
   * rest at once.
   *
   * A session is told to go away only when the calls that were under way have ended: the official Python
   * client drops all its calls the moment it is told. Calls that come in until then are served.
   */
  async close(graceMs: number): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#listener.close(() => resolve());
    });
    for (const socket of this.#undecided) socket.destroy();
    const calls = [...this.#openCalls];
    for (const session of this.#sessions) {
      const accepted = calls.filter(([stream]) => stream.session === session);
      void closeAfter(session, accepted, graceMs);
    }
    const timer = setTimeout(() => this.#endAll(), graceMs);
    await closed;
    clearTimeout(timer);
  }

  #endAll(): void {
    for (const session of this.#sessions) session.destroy();
    for (const socket of this.#sockets) socket.destroy();
  }

  #takeEntry(event: "connection" | "secureConnection"): void {
    const listener = this.#listener;
    // The platform's own entry is the last one that was added for the event, before ours.
    const serveHttp1 = listener.listeners(event).find((entry) => entry.name === "connectionListener");
    if (serveHttp1 === undefined)
      throw new Error("the platform's HTTP server has no entry of the expected form");
    listener.off(event, serveHttp1 as () => void);
    const onHttp1 = (socket: Socket): void => {
      this.#undecided.delete(socket);
      serveHttp1.call(listener, socket);
      // It is paused if its first bytes were looked at.
      process.nextTick(() => socket.resume());
    };
    const onHttp2 = (socket: Socket): void => {
      this.#undecided.delete(socket);
      // The HTTP/1.1 server keeps a connection open whose other end closed its half; for HTTP/2 that is the end.
      socket.allowHalfOpen = false;
      this.#http2.emit("connection", socket);
    };
    listener.on(event, (socket: Socket | TLSSocket) => {
      if (!("alpnProtocol" in socket)) {
        this.#undecided.add(socket);
        onFirstBytes(socket, { timeoutMs: firstBytesTimeoutMs, onHttp1, onHttp2 });
      } else if (socket.alpnProtocol === "h2") onHttp2(socket);
      else onHttp1(socket);
    });
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", ignore);
    socket.on("close", () => {
      this.#sockets.delete(socket);
      this.#undecided.delete(socket);
    });
  }

  #adopt(session: ServerHttp2Session): void {
    session.on("error", ignore);
    session.on("close", () => this.#sessions.delete(session));
    if (!this.#listener.listening) {
      session.close();
      return;
    }
    this.#sessions.add(session);
    this.#watch.add(session);
    session.setLocalWindowSize(connectionWindowBytes);
  }
}

const tlsOptions = { ALPNProtocols: ["h2", "http/1.1"], handshakeTimeout: 10_000 };

/**
 * Ends a session when the given calls have ended and the client had time to read the answers. The official
 * Python client, when it is told to go away, drops even what it received and did not read yet: of a unary call
 * that is a moment's work, but a program may go through a stream at its own pace, so it has half the grace.
 */
async function closeAfter(
  session: ServerHttp2Session,
  calls: readonly (readonly [ServerHttp2Stream, PortCall])[],
  graceMs: number,
): Promise<void> {
  const ended = ([stream]: readonly [ServerHttp2Stream, PortCall]) =>
    stream.closed || new Promise<void>((resolve) => stream.once("close", () => resolve()));
  await Promise.all(calls.map(ended));
  const streams = calls.some(([, { kind }]) => kind === "serverStream");
  if (calls.length > 0) await delay(streams ? graceMs / 2 : readingMs, undefined, { ref: false });
  if (!session.destroyed) session.close();
}

function ignore(): void {}
