import {
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Stream,
} from "node:http2";
import type { Caller } from "@everdict/engine";
import {
  type ConnectionMemory,
  createError,
  type EverdictError,
  errorTable,
  limitDefaults,
  mayHaveBeenApplied,
  StallClock,
  Status,
  tooLate,
  type ValueRoom,
  type WaitingCall,
} from "@everdict/protocol";
import { AnswerWriter, responseHeaders } from "./answer-writer.ts";
import { errorToSend, stalledBehindOthers, stalledUpload } from "./call-errors.ts";
import type { GrpcHost } from "./grpc-host.ts";
import type { GrpcMessage, GrpcMethod, GrpcRequest, UnaryMethod } from "./grpc-method.ts";
import { parseGrpcTimeoutMs } from "./grpc-timeout.ts";
import type { OpenCall } from "./open-calls.ts";
import { notAuthenticated } from "./refusals.ts";
import { singleHeader } from "./single-header.ts";
import { statusTrailers } from "./status-trailers.ts";
import { isOver, reset } from "./stream-end.ts";
import { UnaryRequestReader } from "./unary-request-reader.ts";

/**
 * One gRPC call on one HTTP/2 stream: check the head, read the request, run the method, write the answer.
 *
 * A call has exactly one outcome, and whoever comes first decides it: the method's answer, an error, the
 * deadline, or the client that reset the stream. From then on it is `#over`; what the method still does is
 * ignored, except that an unexpected exception is always logged. The status goes out as trailers; if nothing
 * was sent yet they are the whole response ("Trailers-Only"). Nothing is compressed, ever: the official Python
 * client cannot read it (protocol section 0.1).
 */

export type { GrpcHost } from "./grpc-host.ts";

const progressMinBytes = limitDefaults.progressMinBytes;
const respondAtOnce = Object.freeze({ endStream: true, sendDate: false });

/** How much of a refused request is read and dropped before the stream is reset, in bytes and milliseconds. */
const lingerMaxBytes = 64 * 1024;
const lingerMs = 1000;
/** How long a status may take behind the data that was written before it, in milliseconds. */
const statusPatienceMs = 600;

/** Serves a stream whose request is gRPC, for a caller who has shown a good token. Never throws. */
export function serveGrpcCall(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  caller: Caller,
  host: GrpcHost,
): void {
  new GrpcCall(stream, caller, host).open(headers);
}

class GrpcCall implements OpenCall, WaitingCall, ValueRoom {
  readonly #stream: ServerHttp2Stream;
  readonly #caller: Caller;
  readonly #host: GrpcHost;
  readonly #startedAtMs: number;
  #rpc = "unknown";
  #method: GrpcMethod | undefined;
  /** What is held for the caller on this connection, and what of that this call writes. */
  readonly #memory: ConnectionMemory;
  readonly #writer: AnswerWriter;
  #idempotencyKey: string | undefined;
  #reader: UnaryRequestReader | undefined;
  /** From when it is complete. */
  #request: GrpcRequest | undefined;
  /** While the method runs, or waits for its turn. */
  #controller: AbortController | undefined;
  #requestEnded = false;
  /** Of the request, and then of what the connection takes while this call waits. */
  readonly #progress = new StallClock();
  /** Whether room was made for what it answers, and how many large values wait for that. */
  #hasReserved = false;
  #waitingReads = 0;
  #requestBytes = 0;
  #lingeredBytes = 0;
  #over = false;
  #outcome: number = Status.OK;
  #timer: NodeJS.Timeout | undefined;

  constructor(stream: ServerHttp2Stream, caller: Caller, host: GrpcHost) {
    this.#stream = stream;
    this.#caller = caller;
    this.#host = host;
    this.#memory = host.memories.of(stream, caller.id);
    this.#writer = new AnswerWriter(stream, this.#memory);
    this.#startedAtMs = host.logger.isLevelEnabled("debug") ? performance.now() : 0;
  }

  /** Checks the head and begins to read. */
  open(headers: IncomingHttpHeaders): void {
    const stream = this.#stream;
    stream.on("close", () => this.#onClose());
    stream.on("data", (chunk: Buffer) => this.#onData(chunk));
    stream.on("end", () => this.#onEnd());
    try {
      this.#checkHead(headers);
    } catch (caught) {
      this.#fail(caught);
    }
  }

  #checkHead(headers: IncomingHttpHeaders): void {
    const { methods, requestMaxBytes } = this.#host;
    const path = headers[":path"] ?? "";
    this.#method = methods.get(path);
    if (this.#method === undefined) throw this.#host.unserved.refuse(path);
    this.#rpc = this.#method.name;
    this.#host.openCalls.set(this.#stream, this);
    this.#startDeadline(parseGrpcTimeoutMs(singleHeader(headers["grpc-timeout"])));
    this.#idempotencyKey = singleHeader(headers["x-idempotency-key"]);
    const encoding = singleHeader(headers["grpc-encoding"]);
    this.#reader = new UnaryRequestReader({ maxBytes: requestMaxBytes, memory: this.#memory, encoding });
  }

  get kind(): GrpcMethod["kind"] | undefined {
    return this.#method?.kind;
  }

  get caller(): Caller | undefined {
    return this.#caller;
  }

  revoke(): void {
    const error = notAuthenticated();
    // What is over may have an answer on its way out, behind which no status can follow any more.
    if (this.#over) this.#reset(constants.NGHTTP2_CANCEL);
    else this.#fail(error);
    this.#controller?.abort(error);
  }

  // ---- Reading ----

  /** What stops in the middle of a request, or takes no answers, must not keep memory from the others. */
  onTick(): void {
    if (this.#stream.closed) return;
    if (this.#writer.standsStill() === true) this.#endStalled();
    else if (!this.#over && this.#isStalled()) this.#fail(this.#stallError());
  }

  /** Whether the client keeps this call waiting, with its request or with other answers that it does not take. */
  #isStalled(): boolean {
    if (!this.#requestEnded) {
      return this.#progress.standsStill(this.#reader?.receivedBytes ?? 0, progressMinBytes);
    }
    const memory = this.#memory;
    if (memory === undefined || !(memory.holds(this) || this.#waitingReads > 0)) return false;
    // What others hold is no fault of this client.
    if (memory.outgoingBytes === 0) return false;
    return this.#progress.standsStill(memory.takenBytes, 1);
  }

  #stallError(): EverdictError {
    this.#memory.token.account.noteStalled();
    if (!this.#requestEnded) return stalledUpload();
    const method = this.#method;
    return stalledBehindOthers(this.#waitingReads > 0 && method?.kind === "unary" && !method.isRead);
  }

  /** Trailers would wait behind what the client leaves lying. This code is `RESOURCE_EXHAUSTED` to clients of gRPC. */
  #endStalled(): void {
    this.#memory.token.account.noteStalled();
    this.#outcome = Status.RESOURCE_EXHAUSTED;
    this.#over = true;
    this.#reset(constants.NGHTTP2_ENHANCE_YOUR_CALM);
  }

  #onData(chunk: Buffer): void {
    if (this.#over) {
      this.#lingeredBytes += chunk.length;
      if (this.#lingeredBytes > lingerMaxBytes) this.#reset(constants.NGHTTP2_NO_ERROR);
      return;
    }
    try {
      this.#reader?.push(chunk);
    } catch (caught) {
      this.#fail(caught);
    }
  }

  #onEnd(): void {
    this.#requestEnded = true;
    // A reset ends the reading side as well.
    if (this.#isGone()) return;
    try {
      const message = this.#reader?.finish();
      if (message !== undefined) this.#start(message);
    } catch (caught) {
      this.#fail(caught);
    }
  }

  // ---- Answering ----

  #start(message: Uint8Array): void {
    const memory = this.#memory;
    this.#requestBytes = message.length;
    this.#controller = this.#host.signals.take();
    const options = {
      signal: this.#controller.signal,
      idempotencyKey: this.#idempotencyKey,
      room: this,
    };
    this.#request = { caller: this.#caller, options, message, memory };
    if (memory.isFull) this.#wait();
    else void this.#run();
  }

  /** For a turn, as the client leaves too much lying. */
  #wait(): void {
    this.#progress.restart(this.#memory.takenBytes);
    this.#memory.wait(this);
  }

  reserve(bytes: number): Promise<void> | undefined {
    this.#hasReserved = true;
    const waiting = this.#memory.reserveFor(this.#readKind, bytes, this);
    if (waiting === undefined) return undefined;
    this.#waitingReads++;
    this.#progress.restart(this.#memory.takenBytes);
    return waiting.finally(() => void this.#waitingReads--);
  }

  release(bytes: number): void {
    this.#memory.change(this.#readKind, -bytes);
  }

  get #readKind(): "reads" | "streams" {
    return this.#method?.kind === "serverStream" ? "streams" : "reads";
  }

  onTurn(): Promise<void> {
    const running = this.#run();
    // A stream writes as its client reads; nobody waits for its end.
    return this.#method?.kind === "unary" ? running : Promise.resolve();
  }

  async #run(): Promise<void> {
    const method = this.#method!;
    const request = this.#request!;
    let done = true;
    try {
      if (method.kind === "unary") done = await this.#answer(method, request);
      else await this.#pump(method.answer(request));
    } catch (caught) {
      this.#fail(caught);
    }
    if (done || this.#isGone()) this.#finish();
    else this.#wait();
  }

  /** False, and the answer let go, if there is no room for it and it can be had again. */
  async #answer(method: UnaryMethod, request: GrpcRequest): Promise<boolean> {
    const message = await method.answer(request);
    const isWithoutRoom = this.#memory.isFull && !this.#hasReserved;
    if (method.isRead && isWithoutRoom && !this.#isGone()) return false;
    this.#sendLast(message);
    return true;
  }

  /** The method has ended, or will not begin. */
  #finish(): void {
    this.#request = undefined;
    this.#reader?.release();
    if (this.#controller !== undefined) this.#host.signals.give(this.#controller);
    this.#controller = undefined;
  }

  #sendLast(message: GrpcMessage): void {
    if (this.#isGone()) return;
    this.#over = true;
    this.#writer.last(message);
  }

  async #pump(pieces: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const piece of pieces) {
      if (this.#isGone()) return;
      await this.#writer.piece(piece);
      if (this.#isGone()) return;
    }
    if (this.#isGone()) return;
    this.#over = true;
    this.#writer.end();
  }

  /** Whether there is nobody to write to: the outcome is decided, or the stream is gone and `close` follows. */
  #isGone(): boolean {
    return this.#over || isOver(this.#stream);
  }

  // ---- Failing ----

  #fail(caught: unknown): void {
    const { logger } = this.#host;
    // Before the method runs, `internal` only says that the client sent something broken.
    const error = errorToSend(caught, { logger, rpc: this.#rpc, hasBegun: this.#controller !== undefined });
    if (this.#isGone()) return;
    this.#over = true;
    this.#outcome = errorTable[error.code].status;
    try {
      this.#sendStatus(statusTrailers(error));
    } catch (thrown) {
      logger.error({ rpc: this.#rpc, err: thrown }, "a status could not be sent");
      this.#reset(constants.NGHTTP2_INTERNAL_ERROR);
    }
    this.#writer.wake();
    this.#forgetWaits(error);
    if (!this.#requestEnded) this.#linger();
  }

  #sendStatus(trailers: OutgoingHttpHeaders): void {
    const stream = this.#stream;
    if (this.#writer !== undefined) this.#writer.trailers = trailers;
    if (!stream.headersSent) {
      stream.respond({ ...responseHeaders, "grpc-accept-encoding": "identity", ...trailers }, respondAtOnce);
      return;
    }
    const waits = stream.writableNeedDrain;
    stream.end();
    // Of a client that does not read, the status would wait behind what it leaves lying.
    if (waits) this.#setTimer(statusPatienceMs, () => this.#reset(constants.NGHTTP2_CANCEL));
  }

  /**
   * A client that is still sending a refused request: most are about to end, so a little is read and dropped.
   * Then the stream is reset without an error, which tells the client to stop and to take the status it has.
   */
  #linger(): void {
    this.#reader?.release();
    this.#stream.resume();
    this.#setTimer(lingerMs, () => this.#reset(constants.NGHTTP2_NO_ERROR));
  }

  #reset(code: number): void {
    reset(this.#stream, code);
  }

  // ---- Ending early ----

  #startDeadline(timeoutMs: number | undefined): void {
    if (timeoutMs === undefined) return;
    this.#setTimer(timeoutMs, () => {
      const error = tooLate(timeoutMs, `; ${mayHaveBeenApplied}`);
      this.#fail(error);
      this.#controller?.abort(error);
    });
  }

  #setTimer(delayMs: number, action: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(action, delayMs);
    this.#timer.unref();
  }

  #onClose(): void {
    clearTimeout(this.#timer);
    this.#host.openCalls.delete(this.#stream);
    this.#writer.close();
    const gaveUp = createError("cancelled", "the client gave up");
    if (!this.#over) {
      this.#over = true;
      this.#outcome = Status.CANCELLED;
      this.#controller?.abort(gaveUp);
    }
    // While the method runs it holds the message.
    if (this.#controller === undefined) this.#finish();
    this.#forgetWaits(gaveUp);
    this.#log();
  }

  /** It needs neither a turn nor room for what it would read. */
  #forgetWaits(error: EverdictError): void {
    if (this.#memory.forget(this) === true) this.#finish();
    if (this.#waitingReads > 0) this.#memory.forgetReads(this, error);
  }

  #log(): void {
    const { logger } = this.#host;
    if (!logger.isLevelEnabled("debug")) return;
    const durationMs = Math.round((performance.now() - this.#startedAtMs) * 1000) / 1000;
    const summary = { rpc: this.#rpc, status: this.#outcome, durationMs };
    logger.debug(
      { ...summary, requestBytes: this.#requestBytes, responseBytes: this.#writer.writtenBytes ?? 0 },
      "call",
    );
  }
}
