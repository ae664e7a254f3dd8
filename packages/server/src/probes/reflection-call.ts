import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import type { Caller } from "@everdict/engine";
import { errorFrom, StallClock } from "@everdict/protocol";
import { isOver, reset } from "../connections/stream-end.ts";
import { respondWithTrailers, responseHeaders } from "../grpc/answer-writer.ts";
import { declaredBytes, framePieces, framePrefixBytes, type MessageBounds } from "../grpc/message-frame.ts";
import type { OpenCall, OpenCalls } from "../grpc/open-calls.ts";
import { notAuthenticated } from "../grpc/refusals.ts";
import { singleHeader } from "../grpc/single-header.ts";
import { okTrailers, statusTrailers } from "../grpc/status-trailers.ts";
import { reflect } from "./reflect.ts";

/** Where `grpc.reflection.v1.ServerReflection/ServerReflectionInfo` is called. */
export const reflectionPath = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";

/** The largest request: no name is as long. */
const requestMaxBytes = 4096;

const nothing = Buffer.alloc(0);

/**
 * A stream of requests for descriptions, each answered before the next is read. It is the only call that reads and
 * writes by turns, so it is a small class of its own.
 */
export class ReflectionCall implements OpenCall {
  /** Nobody takes time over its answers, so a server that stops need not wait for that. */
  readonly kind = "unary";
  readonly caller: Caller;
  readonly #stream: ServerHttp2Stream;
  readonly #bounds: MessageBounds;
  readonly #progress = new StallClock();
  #received: Buffer = nothing;
  #trailers = okTrailers;
  #taken = 0;
  #hasEnded = false;

  /** Begins to serve; the stream is one that has no listener yet. */
  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, caller: Caller, openCalls: OpenCalls) {
    this.#stream = stream;
    this.caller = caller;
    this.#bounds = { maxBytes: requestMaxBytes, encoding: singleHeader(headers["grpc-encoding"]) };
    openCalls.set(stream, this);
    stream.on("close", () => openCalls.delete(stream));
    stream.on("wantTrailers", () => stream.sendTrailers(this.#trailers));
    stream.on("drain", () => this.#goOn());
    stream.on("end", () => {
      this.#hasEnded = true;
      this.#answerAll();
    });
    stream.on("data", (chunk: Buffer) => {
      this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
      this.#answerAll();
    });
    stream.respond(responseHeaders, respondWithTrailers);
  }

  revoke(): void {
    this.#fail(notAuthenticated());
  }

  onTick(): void {
    if (this.#stream.writableLength === 0) this.#progress.restart(this.#taken);
    else if (this.#progress.standsStill(this.#taken, 1))
      reset(this.#stream, constants.NGHTTP2_ENHANCE_YOUR_CALM);
  }

  #goOn(): void {
    this.#taken++;
    this.#stream.resume();
    this.#answerAll();
  }

  /** Answers what has arrived, as long as the client takes the answers. */
  #answerAll(): void {
    const stream = this.#stream;
    try {
      while (!isOver(stream) && !stream.writableEnded) {
        if (stream.writableNeedDrain) {
          stream.pause();
          return;
        }
        const request = this.#next();
        if (request === undefined) break;
        const [head, ...rest] = framePieces(reflect(request));
        for (const piece of [head, ...rest]) stream.write(piece);
      }
      if (this.#hasEnded && !isOver(stream) && !stream.writableEnded) stream.end();
    } catch (caught) {
      this.#fail(caught);
    }
  }

  /** The next whole request; undefined if it is not there yet. */
  #next(): Uint8Array | undefined {
    const received = this.#received;
    if (received.length < framePrefixBytes) return undefined;
    const end = framePrefixBytes + declaredBytes(received, this.#bounds);
    if (received.length < end) return undefined;
    this.#received = received.subarray(end);
    return received.subarray(framePrefixBytes, end);
  }

  #fail(caught: unknown): void {
    const stream = this.#stream;
    if (isOver(stream) || stream.writableEnded) return;
    this.#trailers = statusTrailers(errorFrom(caught));
    this.#received = nothing;
    stream.end();
  }
}
