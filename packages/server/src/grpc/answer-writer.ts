import type { OutgoingHttpHeaders, ServerHttp2Stream } from "node:http2";
import { type ConnectionMemory, StallClock } from "@everdict/protocol";
import { isOver } from "../connections/stream-end.ts";
import type { GrpcMessage } from "./grpc-method.ts";
import { framePieces } from "./message-frame.ts";
import { okTrailers } from "./status-trailers.ts";

/**
 * Writes what one call answers, and counts it until the client took it.
 *
 * Large answers go in slices, each when the one before was taken: so it shows whether the client takes any, and the
 * HTTP/2 library never has more to copy in one turn.
 */

const sliceBytes = 256 * 1024;

/** Of every answer. */
export const responseHeaders: OutgoingHttpHeaders = Object.freeze({
  ":status": 200,
  "content-type": "application/grpc",
});
/** Of an answer that is nothing but a status. */
export const statusHeaders: OutgoingHttpHeaders = Object.freeze({
  ...responseHeaders,
  "grpc-accept-encoding": "identity",
});
export const respondAtOnce = Object.freeze({ endStream: true, sendDate: false });
export const respondWithTrailers = Object.freeze({ waitForTrailers: true, sendDate: false });

/** The answer of one call. */
export class AnswerWriter {
  readonly #stream: ServerHttp2Stream;
  readonly #memory: ConnectionMemory;
  #trailers = okTrailers;
  #kind: "answers" | "streams" = "answers";
  #writtenBytes = 0;
  #countedBytes = 0;
  /** How often the client took what was written. */
  #taken = 0;
  readonly #progress = new StallClock();
  #isListening = false;
  /** Whether a large value of a stream is being written. */
  #isLarge = false;
  #wake: (() => void) | undefined;

  constructor(stream: ServerHttp2Stream, memory: ConnectionMemory) {
    this.#stream = stream;
    this.#memory = memory;
  }

  /** How much was written in all. */
  get writtenBytes(): number {
    return this.#writtenBytes;
  }

  /** Sends the one message of a unary call, and the end. */
  last(message: GrpcMessage): void {
    this.#begin();
    const [head, ...rest] = framePieces(message);
    this.#count(rest.reduce((sum, { length }) => sum + length, head.length));
    this.#writtenBytes += this.#countedBytes;
    if (rest.length === 0) this.#stream.end(head);
    else {
      this.#stream.write(head);
      void this.#inOrder(rest).then(() => this.#endIfOpen());
    }
  }

  /** Sends a piece of a stream. Resolves when another may follow, or nobody takes it any more. */
  async piece(piece: Uint8Array): Promise<void> {
    this.#kind = "streams";
    this.#begin();
    this.#writtenBytes += piece.length;
    // A large value is counted where it comes from.
    if (piece.length > sliceBytes) {
      this.#isLarge = true;
      await this.#slices(piece);
      this.#isLarge = false;
      return;
    }
    const mayGoOn = this.#stream.write(piece);
    this.#count(this.#stream.writableLength);
    if (mayGoOn) return;
    await this.#drained();
    this.#count(this.#stream.writableLength);
  }

  /** Ends a stream. */
  end(): void {
    this.#begin();
    this.#stream.end();
  }

  /**
   * Ends the answer with a failure: as its only headers if nothing was sent yet, else behind what was sent. Returns
   * whether that waits for the client. Pieces that wait to be taken wait no longer.
   */
  fail(trailers: OutgoingHttpHeaders): boolean {
    const stream = this.#stream;
    this.#trailers = trailers;
    try {
      if (!stream.headersSent) {
        stream.respond({ ...statusHeaders, ...trailers }, respondAtOnce);
        return false;
      }
      const waits = stream.writableNeedDrain;
      stream.end();
      return waits;
    } finally {
      this.#goOn();
    }
  }

  /**
   * To be called once in `clientStallMs`: whether the client has taken nothing for that long or longer. A stream
   * that holds little may stand as long as its consumer likes, and so may one whose room nobody wants.
   */
  standsStill(): boolean {
    const { token } = this.#memory;
    const mayStand = this.#kind === "streams" && !(this.#isLarge && token.reads.wants(token));
    if (this.#stream.writableLength === 0 || mayStand) this.#progress.restart(this.#taken);
    return this.#progress.standsStill(this.#taken, 1);
  }

  /** The stream is closed. */
  close(): void {
    this.#count(0);
    this.#goOn();
  }

  /** Sends the headers, once. */
  #begin(): void {
    const stream = this.#stream;
    if (stream.headersSent) return;
    stream.on("wantTrailers", () => stream.sendTrailers(this.#trailers));
    stream.respond(responseHeaders, respondWithTrailers);
  }

  async #slices(bytes: Uint8Array): Promise<void> {
    for (let start = 0; start < bytes.length && !isOver(this.#stream); start += sliceBytes) {
      const mayGoOn = this.#stream.write(bytes.subarray(start, start + sliceBytes));
      if (!mayGoOn) await this.#drained();
    }
  }

  async #inOrder(pieces: readonly Uint8Array[]): Promise<void> {
    for (const piece of pieces) await this.#slices(piece);
  }

  #endIfOpen(): void {
    if (!isOver(this.#stream)) this.#stream.end();
  }

  #drained(): Promise<void> {
    if (isOver(this.#stream)) return Promise.resolve();
    if (!this.#isListening) {
      this.#isListening = true;
      this.#stream.on("drain", () => this.#goOn());
    }
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  /** Looks again whether it can go on. */
  #goOn(): void {
    this.#taken++;
    this.#wake?.();
    this.#wake = undefined;
  }

  #count(bytes: number): void {
    this.#memory.change(this.#kind, bytes - this.#countedBytes);
    this.#countedBytes = bytes;
  }
}
