import type { Carrier, CarrierHandlers } from "./carrier.ts";

/**
 * The part of the platform's `WebSocket` that a carrier needs: the one of browsers, Node from version 22, Bun, Deno
 * and edge runtimes.
 */
export interface WebSocketLike {
  binaryType: string;
  readonly bufferedAmount: number;
  send(bytes: Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: "close", listener: (event: { readonly reason?: string }) => void): void;
  addEventListener(type: "error", listener: () => void): void;
}

/** Below this the platform is taken to keep up: it counts bytes that it has handed on in the same task. */
const freeBytes = 256 * 1024;
const pollMs = 5;

/**
 * A session's bytes as binary messages of an open WebSocket.
 *
 * The platform copies the bytes, so nothing is needed after `send`. It does not say when it has sent them, so the
 * carrier asks again and again while too much waits. Reading cannot be paused. A client needs no pause: its window
 * bounds answers, and credit bounds streams.
 */
export class WebSocketCarrier implements Carrier {
  readonly #socket: WebSocketLike;
  #handlers: CarrierHandlers | undefined;
  #early: Uint8Array[] = [];
  #unsent = 0;
  #scheduled = false;
  #isOver = false;

  /** The socket must be open, and nobody else's. */
  constructor(socket: WebSocketLike) {
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.addEventListener("message", ({ data }) => this.#onMessage(data));
    socket.addEventListener("close", ({ reason }) => this.#onClose(reason));
    // A close follows, and says as much.
    socket.addEventListener("error", () => {});
  }

  start(handlers: CarrierHandlers): void {
    this.#handlers = handlers;
    const early = this.#early;
    this.#early = [];
    for (const bytes of early) handlers.onData(bytes);
  }

  send(bytes: Uint8Array): void {
    if (this.#isOver) return;
    this.#socket.send(bytes as Uint8Array<ArrayBuffer>);
    this.#unsent++;
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(this.#report);
  }

  get bufferedBytes(): number {
    return Math.max(0, this.#socket.bufferedAmount - freeBytes);
  }

  pause(): void {}

  resume(): void {}

  close(): void {
    this.#socket.close(1000);
  }

  destroy(): void {
    this.#socket.close(1000);
    // The platform may wait for the other side before it says that the connection is over.
    queueMicrotask(() => this.#onClose(undefined));
  }

  holdProcess(): void {}

  readonly #report = (): void => {
    if (this.#isOver) return;
    if (this.bufferedBytes > 0) {
      setTimeout(this.#report, pollMs);
      return;
    }
    this.#scheduled = false;
    const count = this.#unsent;
    this.#unsent = 0;
    for (let index = 0; index < count; index++) this.#handlers?.onSent();
  };

  #onMessage(data: unknown): void {
    if (this.#isOver) return;
    if (!(data instanceof ArrayBuffer)) {
      // A text: not ours. The other end is no server of sessions.
      this.destroy();
      return;
    }
    const bytes = new Uint8Array(data);
    if (this.#handlers === undefined) this.#early.push(bytes);
    else this.#handlers.onData(bytes);
  }

  #onClose(reason: string | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#handlers?.onClose(reason ? new Error(reason) : undefined);
  }
}
