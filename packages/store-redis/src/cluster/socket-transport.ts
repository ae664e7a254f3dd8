/**
 * Connections over plain or TLS sockets, without a client library in between. So the written bytes are known exactly,
 * and no library sends a command a second time (docs/decisions/0007-own-resp-codec.md).
 */

import { connect as connectTcp, isIP, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import { type Argument, CommandWriter } from "../resp/command-writer.ts";
import { type Reply, ReplyError } from "../resp/reply.ts";
import { RespParser } from "../resp/resp-parser.ts";
import { type Address, addressParts } from "./address.ts";
import type { Connection, ConnectionEvents, Transport } from "./transport.ts";

/** What a {@link SocketTransport} is told. */
export interface SocketTransportOptions {
  /** Absent with most managed caches: then the password alone is sent. */
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  /** Present: TLS, with these options of `node:tls`. */
  readonly tls?: ConnectionOptions | undefined;
  /** Gives up a connection that is not ready after so long. */
  readonly connectTimeoutMs: number;
  /** Sent on each new connection before anything else; its errors are of no interest. */
  readonly greeting: readonly (readonly Argument[])[];
}

/** Opens sockets and speaks RESP2 on them. */
export class SocketTransport implements Transport {
  readonly #options: SocketTransportOptions;

  constructor(options: SocketTransportOptions) {
    this.#options = options;
  }

  connect(address: Address, events: ConnectionEvents): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const connection = new SocketConnection(this.#socket(address), this.#opening(), events, (error) => {
        clearTimeout(timer);
        if (error === undefined) resolve(connection);
        else reject(error);
      });
      const timeoutMs = this.#options.connectTimeoutMs;
      const timer = setTimeout(() => {
        connection.destroy(new Error(`no connection to ${address} within ${timeoutMs} ms`));
      }, timeoutMs);
    });
  }

  #socket(address: Address): Socket {
    const { host, port } = addressParts(address);
    const { tls } = this.#options;
    // An address is no server name, and is checked against the certificate's addresses by itself.
    const name = isIP(host) === 0 ? { servername: host } : {};
    const socket = tls === undefined ? connectTcp(port, host) : connectTls({ ...name, ...tls, host, port });
    return socket.setNoDelay(true).setKeepAlive(true, keepAliveMs);
  }

  #opening(): readonly (readonly Argument[])[] {
    const { user, password, greeting } = this.#options;
    if (password === undefined) return [["PING"], ...greeting];
    return [user === undefined ? ["AUTH", password] : ["AUTH", user, password], ...greeting];
  }
}

const keepAliveMs = 15_000;

/** Connection refused because of who asked, told apart since waiting does not help. */
export class AccessError extends Error {}

class SocketConnection implements Connection {
  readonly #socket: Socket;
  readonly #writer = new CommandWriter();
  readonly #events: ConnectionEvents;
  readonly #onReady: (error?: Error) => void;
  /** How many replies to the opening commands are still to come. */
  #openingReplies: number;
  #firstReply = true;
  /** How many replies are to come. A connection that owes none keeps no process alive. */
  #owedReplies = 0;
  #ready = false;
  #ended = false;

  constructor(
    socket: Socket,
    opening: readonly (readonly Argument[])[],
    events: ConnectionEvents,
    onReady: (error?: Error) => void,
  ) {
    this.#socket = socket;
    this.#events = events;
    this.#onReady = onReady;
    this.#openingReplies = opening.length;
    const parser = new RespParser((reply) => this.#onReply(reply));
    socket.on("data", (chunk: Buffer) => {
      try {
        parser.push(chunk);
      } catch (error) {
        this.destroy(error as Error);
      }
    });
    socket.on("error", (error) => this.destroy(error));
    socket.on("close", () => this.destroy(new Error("the connection was closed")));
    for (const command of opening) this.add(command);
    this.flush();
  }

  add(command: readonly Argument[], prefix?: readonly Argument[]): void {
    if (this.#owedReplies === 0) this.#socket.ref();
    this.#owedReplies++;
    this.#writer.add(command, prefix);
  }

  flush(): void {
    const pieces = this.#writer.take();
    if (pieces.length > 1) this.#socket.cork();
    for (const piece of pieces) this.#socket.write(piece);
    if (pieces.length > 1) this.#socket.uncork();
  }

  destroy(reason = new Error("the connection was given up")): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#socket.destroy();
    if (this.#ready) this.#events.onEnd(reason);
    else this.#onReady(reason);
  }

  #onReply(reply: Reply): void {
    if (this.#ended) return;
    this.#owedReplies--;
    if (this.#owedReplies === 0) this.#socket.unref();
    if (this.#ready) {
      this.#events.onReply(reply);
      return;
    }
    const refusal = this.#firstReply ? refusalOf(reply) : undefined;
    this.#firstReply = false;
    if (refusal !== undefined) {
      this.destroy(refusal);
      return;
    }
    this.#openingReplies--;
    if (this.#openingReplies > 0) return;
    this.#ready = true;
    this.#onReady();
  }
}

/** The first command is the one that shows whether we are let in. */
function refusalOf(reply: Reply): Error | undefined {
  if (!(reply instanceof ReplyError)) return undefined;
  switch (reply.code) {
    case "NOAUTH":
    case "WRONGPASS":
    case "NOPERM":
      return new AccessError(reply.message);
    // What else a PING may be answered (LOADING, MASTERDOWN) is answered to every command, and handled there.
    default:
      return reply.message.startsWith("ERR") ? new AccessError(reply.message) : undefined;
  }
}
