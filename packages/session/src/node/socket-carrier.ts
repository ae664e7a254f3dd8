import type { Duplex } from "node:stream";
import type { Carrier, CarrierHandlers } from "../carriers/carrier.ts";

/** The parts of a socket that not every duplex stream has. */
interface MaybeSocket {
  ref?: () => unknown;
  unref?: () => unknown;
}

/** A session's bytes as they are, on a socket (TCP, TLS or Unix). */
export class SocketCarrier implements Carrier {
  readonly #socket: Duplex & MaybeSocket;
  #handlers: CarrierHandlers | undefined;
  #error: unknown;
  #isOver = false;

  /**
   * @param socket connected, and nobody else's.
   * @param head what was read of it already.
   */
  constructor(socket: Duplex, head?: Uint8Array | undefined) {
    this.#socket = socket;
    socket.on("error", (error) => {
      this.#error = error;
    });
    socket.on("close", () => this.#onClose());
    if (head !== undefined && head.length > 0) socket.unshift(head);
  }

  start(handlers: CarrierHandlers): void {
    this.#handlers = handlers;
    const socket = this.#socket;
    socket.on("data", (bytes: Uint8Array) => {
      if (!this.#isOver) handlers.onData(bytes);
    });
    // Half a session is none.
    socket.on("end", () => socket.end());
    socket.resume();
    if (socket.destroyed) queueMicrotask(() => this.#onClose());
  }

  send(bytes: Uint8Array): void {
    if (!this.#isOver) this.#socket.write(bytes, this.#onWritten);
  }

  get bufferedBytes(): number {
    return this.#socket.writableLength;
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    // What still arrives is read and dropped: unread bytes would make the system cut off what was sent last.
    this.#socket.resume();
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  holdProcess(hold: boolean): void {
    if (hold) this.#socket.ref?.();
    else this.#socket.unref?.();
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
