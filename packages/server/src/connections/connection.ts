import type { IncomingHttpHeaders } from "node:http";
import type { Socket } from "node:net";
import { strangerWeightBytes } from "./connection-limits.ts";

/** What is spoken on a connection; `arrived` until that is known. */
export type ConnectionKind = "arrived" | "http1" | "http2";

/** What connections and their requests tell the account that they are in. */
export interface AccountOfConnections {
  /** A connection needs this many more bytes. False, with nothing counted, if strangers have no room for them. */
  changed(connection: Connection, bytes: number): boolean;
  /** A connection has shown a token. Requests on it that had none stay counted until they end. */
  known(connection: Connection): void;
  /** A connection is gone, and with it its requests. */
  gone(connection: Connection): void;
  /** See {@link Connection.begin}. */
  begin(connection: Connection, weightBytes: number, cancel: () => void): OpenRequest | undefined;
  /** See {@link OpenRequest.finish}. */
  finished(request: OpenRequest): void;
}

/** What a connection is made of. */
export interface ConnectionParts {
  readonly account: AccountOfConnections;
  readonly socket: Socket;
  readonly address: string;
  readonly isTls: boolean;
  readonly tick: number;
}

/** How what is spoken on a connection ends. */
export interface SpokenEnds {
  /** In the way of the protocol. */
  readonly close: () => void;
  /** At once, so that what has arrived already is not looked at any more. */
  readonly destroy: () => void;
}

/** One connection in the account. All of it is a stranger's until a good token was shown on it. */
export class Connection {
  readonly address: string;
  readonly arrivedAtMs = performance.now();
  readonly #account: AccountOfConnections;
  readonly #socket: Socket;
  readonly #isTls: boolean;
  #kind: ConnectionKind = "arrived";
  #isStranger = true;
  #isOver = false;
  #ends: SpokenEnds | undefined;
  #isClosing = false;
  #heldBytes = 0;
  /** What it holds as a stranger, requests included. */
  weightBytes = 0;
  openRequests = 0;
  /** Since when it has had no open request. */
  idleSinceTick: number;

  constructor({ account, socket, address, isTls, tick }: ConnectionParts) {
    this.#account = account;
    this.#socket = socket;
    this.#isTls = isTls;
    this.address = address;
    this.idleSinceTick = tick;
  }

  get kind(): ConnectionKind {
    return this.#kind;
  }

  /** Whether no good token was shown on it so far. */
  get isStranger(): boolean {
    return this.#isStranger;
  }

  /** Whether it has left the account. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** What it weighs without requests, speaking this. */
  weightOf(kind: ConnectionKind): number {
    return strangerWeightBytes[kind] + (this.#isTls ? strangerWeightBytes.tls : 0);
  }

  /**
   * It is known what is spoken. False, and the connection ended, if strangers have no room for it.
   *
   * @param ends how to end it; by default the socket is destroyed
   */
  speaks(kind: ConnectionKind, ends?: SpokenEnds): boolean {
    const before = this.weightOf(this.#kind) + this.#heldBytes;
    this.#heldBytes = 0;
    this.#kind = kind;
    this.#ends = ends;
    if (this.#account.changed(this, this.weightOf(kind) - before)) return true;
    this.destroy();
    return false;
  }

  /**
   * This many bytes of it wait to be looked at, until it is known what it speaks. False, and the connection ended, if
   * strangers have no room for them.
   */
  holds(bytes: number): boolean {
    this.#heldBytes += bytes;
    if (this.#account.changed(this, bytes)) return true;
    this.destroy();
    return false;
  }

  /** A good token was shown: from now on it is counted as its caller's. Safe to repeat, and cheap then. */
  showedToken(): void {
    if (!this.#isStranger || this.#isOver) return;
    this.#account.known(this);
    this.#isStranger = false;
  }

  /**
   * A request without a good token begins. Undefined if there is no room for it: then it must be refused, or the whole
   * connection is over already.
   *
   * @param cancel ends the request if its answer is not taken in time
   */
  begin(headers: IncomingHttpHeaders, cancel: () => void): OpenRequest | undefined {
    const { request, headerCharacter } = strangerWeightBytes;
    return this.#account.begin(this, request + headerCharacter * charactersOf(headers), cancel);
  }

  /** Ends it because it was idle for too long: politely at first, and if that was tried before, at once. */
  close(): void {
    if (this.#ends === undefined || this.#isClosing) this.destroy();
    else this.#ends.close();
    this.#isClosing = true;
  }

  /** Ends it at once; its descriptor is free when this returns. */
  destroy(): void {
    this.#ends?.destroy();
    this.#socket.destroy();
    this.left();
  }

  /** It is gone. Safe to repeat. */
  left(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#account.gone(this);
  }
}

/** What an open request is made of. */
export interface OpenRequestParts {
  readonly connection: Connection;
  readonly weightBytes: number;
  readonly sinceTick: number;
  readonly cancel: () => void;
}

/** A request without a good token, until it has its answer and the client has taken it. */
export class OpenRequest {
  readonly connection: Connection;
  readonly weightBytes: number;
  readonly sinceTick: number;
  readonly #account: AccountOfConnections;
  readonly #cancel: () => void;

  constructor(
    account: AccountOfConnections,
    { connection, weightBytes, sinceTick, cancel }: OpenRequestParts,
  ) {
    this.#account = account;
    this.connection = connection;
    this.weightBytes = weightBytes;
    this.sinceTick = sinceTick;
    this.#cancel = cancel;
  }

  /** The client did not take its answer in time. */
  cancel(): void {
    this.#cancel();
  }

  /** It is over, in whatever way. Safe to repeat. */
  finish(): void {
    this.#account.finished(this);
  }
}

function charactersOf(headers: IncomingHttpHeaders): number {
  let characters = 0;
  for (const name in headers) characters += name.length + (headers[name]?.length ?? 0);
  return characters;
}
