import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import type { Carrier, CarrierHandlers } from "../carriers/carrier.ts";

const sendOptions = { binary: true, compress: false } as const;

/** A session's bytes as binary messages of a WebSocket of the `ws` package. */
export class WsCarrier implements Carrier {
  readonly #socket: WebSocket;
  /** What lies below, if it is known. */
  readonly #transport: (Duplex & { ref?: () => unknown; unref?: () => unknown }) | undefined;
  #handlers: CarrierHandlers | undefined;
  #error: unknown;
  #isOver = false;

  /** The socket must be open, and nobody else's. */
  constructor(socket: WebSocket, transport?: Duplex | undefined) {
    this.#socket = socket;
    this.#transport = transport;
    socket.on("error", (error) => {
      this.#error = error;
    });
    socket.on("close", () => this.#onClose());
    // Nothing may arrive before there is somebody to take it.
    socket.pause();
  }

  start(handlers: CarrierHandlers): void {
    this.#handlers = handlers;
    this.#socket.on("message", (data: Buffer, isBinary: boolean) => {
      if (this.#isOver) return;
      if (isBinary) handlers.onData(data);
      else this.#socket.close(1003, "a session is binary");
    });
    this.#socket.resume();
    if (this.#socket.readyState === this.#socket.CLOSED) queueMicrotask(() => this.#onClose());
  }

  send(bytes: Uint8Array): void {
    if (!this.#isOver) this.#socket.send(bytes, sendOptions, this.#onWritten);
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#socket.resume();
    this.#socket.close(1000);
  }

  destroy(): void {
    this.#socket.terminate();
  }

  holdProcess(hold: boolean): void {
    if (hold) this.#transport?.ref?.();
    else this.#transport?.unref?.();
  }

  readonly #onWritten = (error?: Error | null): void => {
    if (!error && !this.#isOver) this.#handlers?.onSent();
  };

  #onClose(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#handlers?.onClose(this.#error);
  }
}
