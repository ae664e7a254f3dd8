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
import { createServer as createHttpsServer, Server as HttpsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import type { TLSSocket } from "node:tls";
import { limitDefaults } from "@everdict/protocol";
import type { Connection } from "../connections/connection.ts";
import type { ConnectionAccount } from "../connections/connection-account.ts";
import { strangerPatienceSeconds } from "../connections/connection-limits.ts";
import { Turnstile } from "../connections/turnstile.ts";
import { anyRequest, endOfFirstRequests } from "./crowded-start.ts";
import { onFirstBytes } from "./first-bytes.ts";
import { SessionWatch } from "./session-watch.ts";
import { takeListeners } from "./take-listeners.ts";

/**
 * One port for all protocols. ARCHITECTURE.md says why.
 *
 * The listening server is the HTTP/1.1 one of the platform, so its time limits for headers and requests, and its
 * closing of idle connections, work as documented. Only its entry is ours. The account of connections lets a connection
 * in. Its first bytes, or with TLS the negotiated protocol, decide whether it goes to HTTP/2 or to the server's own
 * entry.
 */

/** Certificate chain and private key, both PEM. */
export interface TlsFiles {
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
}

/** What a port is made of. */
export interface PortOptions {
  readonly host: string;
  readonly port: number;
  readonly tls?: TlsFiles | undefined;
  /** Lets connections in. */
  readonly connections: ConnectionAccount;
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
  /** Whether a request shows a valid token. */
  readonly isGood: (headers: IncomingHttpHeaders) => boolean;
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
    // A client may open this many at once, before it has even seen this number. Streams above it are refused
    // unprocessed.
    maxConcurrentStreams: 4096,
    // As HTTP/1.1 has it on this platform. Clients send a few hundred bytes.
    maxHeaderListSize: limitDefaults.requestHeadersMaxBytes,
  },
  maxHeaderListPairs: 256,
  // In MB. The default of 10 ends a session in which a few large values are under way. The account of memory bounds
  // requests and answers instead (grpc/connection-memories.ts).
  maxSessionMemory: 4096,
  // Streams above the limit are refused one by one, which must not end the others of the session.
  maxSessionRejectedStreams: 100_000,
};

const http1Options = {
  noDelay: true,
  // Probes find peers that vanished without closing their connections.
  keepAlive: true,
  keepAliveInitialDelay: 30_000,
  headersTimeout: 5000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5000,
  connectionsCheckingInterval: 1000,
};

/** How long a client may take to read the last unary answers of a session that is to be closed. */
const readingMs = 500;

/** A port that is listening. */
export class Port {
  readonly #listener: Server;
  readonly #http2: Http2Server;
  readonly #sockets = new Set<Socket>();
  /** Connections that belong to nobody yet. */
  readonly #undecided = new Set<Socket>();
  /** Connections with TLS by their peers, since the socket that comes out of the handshake is another one. */
  readonly #handshakes = new Map<string, Connection>();
  readonly #sessions = new Set<ServerHttp2Session>();
  readonly #watch = new SessionWatch();
  readonly #openCalls: ReadonlyMap<ServerHttp2Stream, PortCall>;
  readonly #connections: ConnectionAccount;
  readonly #isGood: PortHandlers["isGood"];
  readonly #turnstile = new Turnstile();
  /** The connection whose HTTP/2 session is being made. */
  #entering: { readonly connection: Connection; readonly socket: Socket } | undefined;

  private constructor({ connections, tls }: PortOptions, handlers: PortHandlers) {
    this.#openCalls = handlers.openCalls;
    this.#isGood = handlers.isGood;
    this.#connections = connections;
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
    this.#takeEntry(tls === undefined ? "connection" : "secureConnection");
    const enter = takeListeners(this.#listener, "connection");
    this.#listener.on("connection", (socket: Socket) => {
      if (this.#admit(socket, tls !== undefined)) enter(socket);
    });
  }

  /** Listens. @throws what the platform does, for instance if the port is taken. */
  static async open(options: PortOptions, handlers: PortHandlers): Promise<Port> {
    const port = new Port(options, handlers);
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

  /** From now on new connections see this certificate. @throws what the platform does, if it is unusable */
  setTls({ cert, key }: TlsFiles): void {
    const listener = this.#listener;
    if (listener instanceof HttpsServer) listener.setSecureContext({ cert, key });
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
    const onHttp1 = (socket: Socket, connection: Connection): void => {
      if (!connection.speaks("http1")) return;
      serveHttp1.call(listener, socket);
      // It is paused if its first bytes were looked at.
      process.nextTick(() => socket.resume());
    };
    const onHttp2 = (socket: Socket, connection: Connection): void => {
      // The HTTP/1.1 server keeps a connection open whose other end closed its half; for HTTP/2 that is the end.
      socket.allowHalfOpen = false;
      this.#turnstile.pass(() => void this.#enterHttp2(socket, connection));
    };
    listener.on(event, (socket: Socket | TLSSocket) => {
      const connection = this.#connectionOf(socket);
      if (connection === undefined) socket.destroy();
      else if (!("alpnProtocol" in socket)) {
        this.#undecided.add(socket);
        onFirstBytes(socket, (isHttp2) => {
          this.#undecided.delete(socket);
          if (!isHttp2) onHttp1(socket, connection);
          else if (connection.holds(socket.readableLength)) onHttp2(socket, connection);
        });
      } else if (socket.alpnProtocol === "h2") onHttp2(socket, connection);
      else onHttp1(socket, connection);
    });
  }

  /** Begins HTTP/2, unless more begins with it than a stranger may begin. */
  async #enterHttp2(socket: Socket, connection: Connection): Promise<void> {
    const first: Buffer | null = socket.read();
    if (first !== null) {
      const end = endOfFirstRequests(first);
      if (end !== undefined && !(await anyRequest(first.subarray(0, end), this.#isGood)))
        connection.destroy();
      socket.unshift(first);
    }
    if (socket.destroyed || connection.isOver) return;
    this.#entering = { connection, socket };
    this.#http2.emit("connection", socket);
    this.#entering = undefined;
  }

  /** The connection that a socket is, or that lies below it. */
  #connectionOf(socket: Socket | TLSSocket): Connection | undefined {
    const known = this.#connections.of(socket);
    if (known !== undefined) return known;
    const connection = this.#handshakes.get(peerOf(socket));
    if (connection !== undefined) this.#connections.carries(connection, socket);
    return connection;
  }

  /** False, and the connection closed, if there is no room for it. */
  #admit(socket: Socket, isTls: boolean): boolean {
    socket.on("error", ignore);
    const connection = this.#connections.admit(socket, isTls);
    if (connection === undefined) {
      socket.destroy();
      return false;
    }
    this.#connections.carries(connection, socket);
    this.#sockets.add(socket);
    const peer = peerOf(socket);
    if (isTls) this.#handshakes.set(peer, connection);
    socket.on("close", () => {
      connection.left();
      this.#sockets.delete(socket);
      this.#undecided.delete(socket);
      if (this.#handshakes.get(peer) === connection) this.#handshakes.delete(peer);
    });
    return true;
  }

  #adopt(session: ServerHttp2Session): void {
    session.on("error", ignore);
    session.on("close", () => this.#sessions.delete(session));
    if (this.#entering === undefined) return;
    const { connection, socket } = this.#entering;
    discardUnreadAtEnd(session, socket);
    const ends = { close: () => session.close(), destroy: () => session.destroy() };
    if (!connection.speaks("http2", ends)) return;
    this.#connections.carries(connection, session);
    if (!this.#listener.listening) {
      session.close();
      return;
    }
    this.#sessions.add(session);
    this.#watch.add(session);
    session.setLocalWindowSize(connectionWindowBytes);
  }
}

const tlsOptions = {
  ALPNProtocols: ["h2", "http/1.1"],
  handshakeTimeout: strangerPatienceSeconds.arrived * 1000,
};

/** A text that differs for each peer as long as its connection lives. */
function peerOf({ remoteAddress, remotePort, localAddress }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress}`;
}

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

/**
 * What was read of a connection before its HTTP/2 session was made, the platform hands to the session in the next tick, piece
 * by piece, and does not look whether the session is still there: an exception that nobody can catch would end the
 * process. So a session that ends leaves nothing to hand over. The platform itself ends it by this method, too.
 */
function discardUnreadAtEnd(session: ServerHttp2Session, socket: Socket): void {
  const destroy = session.destroy.bind(session);
  session.destroy = (...reason) => {
    destroy(...reason);
    while (socket.readableLength > 0 && socket.read() !== null);
  };
}

function ignore(): void {}
