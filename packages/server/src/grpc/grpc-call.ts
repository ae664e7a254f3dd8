import {
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Stream,
} from "node:http2";
import type { Caller } from "@everdict/engine";
import { createError, EverdictError, errorTable, Status } from "@everdict/protocol";
import type { Logger } from "pino";
import type { ByteBudget } from "./byte-budget.ts";
import type { GrpcMethod, GrpcRequest, UnaryMethod } from "./grpc-method.ts";
import { parseGrpcTimeoutMs } from "./grpc-timeout.ts";
import { framePieces } from "./message-frame.ts";
import type { OpenCall, OpenCalls } from "./open-calls.ts";
import { notAuthenticated, unknownRpc } from "./refusals.ts";
import type { GatedCall, ResponseGate, ResponseGates } from "./response-gate.ts";
import type { SignalPool } from "./signal-pool.ts";
import { singleHeader } from "./single-header.ts";
import { okTrailers, statusTrailers } from "./status-trailers.ts";
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

/** What all calls of a server share. */
export interface GrpcHost {
  /** By path. */
  readonly methods: ReadonlyMap<string, GrpcMethod>;
  /** Largest request message, in bytes. */
  readonly requestMaxBytes: number;
  /** For request messages under way. */
  readonly budget: ByteBudget;
  readonly signals: SignalPool;
  readonly openCalls: OpenCalls;
  readonly gates: ResponseGates;
  readonly logger: Logger;
}

const responseHeaders: OutgoingHttpHeaders = Object.freeze({
  ":status": 200,
  "content-type": "application/grpc",
});
const respondWithTrailers = Object.freeze({ waitForTrailers: true, sendDate: false });
const respondAtOnce = Object.freeze({ endStream: true, sendDate: false });

/** How much of a refused request is read and dropped before the stream is reset, in bytes and milliseconds. */
const lingerMaxBytes = 64 * 1024;
const lingerMs = 1000;
/** How long a status may take behind the data that was written before it, in milliseconds. */
const statusPatienceMs = 250;

/** Serves a stream whose request is gRPC, for a caller who has shown a good token. Never throws. */
export function serveGrpcCall(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  caller: Caller,
  host: GrpcHost,
): void {
  const call = new GrpcCall(stream, caller, host);
  call.open(headers);
}

class GrpcCall implements OpenCall, GatedCall {
  readonly #stream: ServerHttp2Stream;
  readonly #caller: Caller;
  readonly #host: GrpcHost;
  readonly #gate: ResponseGate;
  readonly #startedAtMs: number;
  #rpc = "unknown";
  #method: GrpcMethod | undefined;
  #idempotencyKey: string | undefined;
  #reader: UnaryRequestReader | undefined;
  /** From when it is complete. */
  #request: GrpcRequest | undefined;
  /** While the method runs, or waits for its turn. */
  #controller: AbortController | undefined;
  #requestEnded = false;
  #quietTicks = 0;
  #requestBytes = 0;
  #lingeredBytes = 0;
  #responseBytes = 0;
  #unsentBytes = 0;
  #over = false;
  #outcome: number = Status.OK;
  #trailers = okTrailers;
  #timer: NodeJS.Timeout | undefined;
  #wakePump: (() => void) | undefined;

  constructor(stream: ServerHttp2Stream, caller: Caller, host: GrpcHost) {
    this.#stream = stream;
    this.#caller = caller;
    this.#host = host;
    this.#gate = host.gates.of(stream);
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
    const { methods, requestMaxBytes, budget } = this.#host;
    const path = headers[":path"] ?? "";
    this.#method = methods.get(path);
    if (this.#method === undefined) throw unknownRpc(path);
    this.#rpc = this.#method.name;
    this.#host.openCalls.set(this.#stream, this);
    this.#startDeadline(parseGrpcTimeoutMs(singleHeader(headers["grpc-timeout"])));
    this.#idempotencyKey = singleHeader(headers["x-idempotency-key"]);
    const encoding = singleHeader(headers["grpc-encoding"]);
    this.#reader = new UnaryRequestReader({ maxBytes: requestMaxBytes, budget, encoding });
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

  /** Whoever stops in the middle of a request, or takes no answers, must not keep memory from the others. */
  onTick(): void {
    if (this.#over || (this.#requestEnded && !this.#gate.holds(this))) return;
    this.#quietTicks++;
    if (this.#quietTicks < 2) return;
    const error = this.#requestEnded
      ? createError("overloaded", "the client does not take the answers of its other calls", {
          retryAfterMs: 1000,
        })
      : createError("deadline_exceeded", "no further part of the request came");
    this.#fail(error);
  }

  #onData(chunk: Buffer): void {
    this.#quietTicks = 0;
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
    this.#requestBytes = message.length;
    this.#controller = this.#host.signals.take();
    const options = { signal: this.#controller.signal, idempotencyKey: this.#idempotencyKey };
    this.#request = { caller: this.#caller, options, message };
    if (this.#gate.isFull) this.#wait();
    else void this.#run();
  }

  /** For a turn, as the client leaves too much lying. */
  #wait(): void {
    this.#quietTicks = 0;
    this.#gate.wait(this);
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
    if (method.isRead && this.#gate.isFull && !this.#isGone()) return false;
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

  #sendLast(message: Uint8Array): void {
    if (this.#isGone()) return;
    this.#beginResponse();
    this.#over = true;
    const [head, body] = framePieces(message);
    this.#responseBytes = head.length + (body?.length ?? 0);
    if (body !== undefined) this.#stream.write(head);
    this.#stream.end(body ?? head);
    this.#noteUnsent(this.#responseBytes);
  }

  #noteUnsent(bytes: number): void {
    this.#gate.unsentChanged(bytes - this.#unsentBytes);
    this.#unsentBytes = bytes;
  }

  async #pump(pieces: AsyncIterable<Uint8Array>): Promise<void> {
    this.#stream.on("drain", () => this.#wakePump?.());
    for await (const piece of pieces) {
      if (this.#isGone()) return;
      this.#beginResponse();
      this.#responseBytes += piece.length;
      const mayGoOn = this.#stream.write(piece);
      this.#noteUnsent(this.#stream.writableLength);
      if (!mayGoOn) await this.#drained();
      if (this.#isGone()) return;
    }
    if (this.#isGone()) return;
    this.#beginResponse();
    this.#over = true;
    this.#stream.end();
  }

  /** Until the client took what was written, or the call is over. */
  #drained(): Promise<void> {
    if (this.#isGone()) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wakePump = resolve;
    });
  }

  #beginResponse(): void {
    const stream = this.#stream;
    if (stream.headersSent) return;
    stream.on("wantTrailers", () => stream.sendTrailers(this.#trailers));
    stream.respond(responseHeaders, respondWithTrailers);
  }

  /** Whether there is nobody to write to: the outcome is decided, or the stream is gone and `close` follows. */
  #isGone(): boolean {
    return this.#over || this.#stream.destroyed || this.#stream.closed;
  }

  // ---- Failing ----

  #fail(caught: unknown): void {
    const error = this.#errorToSend(caught);
    if (this.#isGone()) return;
    this.#over = true;
    this.#outcome = errorTable[error.code].status;
    try {
      this.#sendStatus(statusTrailers(error));
    } catch (thrown) {
      this.#host.logger.error({ rpc: this.#rpc, err: thrown }, "a status could not be sent");
      this.#reset(constants.NGHTTP2_INTERNAL_ERROR);
    }
    this.#wakePump?.();
    if (this.#gate.forget(this)) this.#finish();
    if (!this.#requestEnded) this.#linger();
  }

  #sendStatus(trailers: OutgoingHttpHeaders): void {
    const stream = this.#stream;
    this.#trailers = trailers;
    if (!stream.headersSent) {
      stream.respond({ ...responseHeaders, "grpc-accept-encoding": "identity", ...trailers }, respondAtOnce);
      return;
    }
    const waits = stream.writableNeedDrain;
    stream.end();
    // Of a client that does not read, the status would wait behind what it leaves lying.
    if (waits) this.#setTimer(statusPatienceMs, () => this.#reset(constants.NGHTTP2_CANCEL));
  }

  #errorToSend(caught: unknown): EverdictError {
    const { logger } = this.#host;
    if (!(caught instanceof EverdictError)) {
      logger.error({ rpc: this.#rpc, err: caught }, "unexpected exception in an RPC");
      return createError("internal", "internal error; the server's log says more");
    }
    const { status } = errorTable[caught.code];
    // Before the method runs, `internal` only says that the client sent something broken.
    const isDefect = status === Status.INTERNAL && this.#controller !== undefined;
    if (isDefect || status === Status.DATA_LOSS) {
      logger.error({ rpc: this.#rpc, code: caught.code, err: caught }, "an RPC failed");
    }
    return caught;
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
    if (!this.#stream.closed && !this.#stream.destroyed) this.#stream.close(code);
  }

  // ---- Ending early ----

  #startDeadline(timeoutMs: number | undefined): void {
    if (timeoutMs === undefined) return;
    this.#setTimer(timeoutMs, () => {
      const message = `no answer within ${timeoutMs} ms; the call may have been applied`;
      const error = createError("deadline_exceeded", message);
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
    this.#noteUnsent(0);
    if (!this.#over) {
      this.#over = true;
      this.#outcome = Status.CANCELLED;
      this.#controller?.abort(createError("cancelled", "the client gave up"));
    }
    // While the method runs it holds the message.
    if (this.#controller === undefined || this.#gate.forget(this)) this.#finish();
    this.#wakePump?.();
    this.#log();
  }

  #log(): void {
    const { logger } = this.#host;
    if (!logger.isLevelEnabled("debug")) return;
    const durationMs = Math.round((performance.now() - this.#startedAtMs) * 1000) / 1000;
    const summary = { rpc: this.#rpc, status: this.#outcome, durationMs };
    logger.debug(
      { ...summary, requestBytes: this.#requestBytes, responseBytes: this.#responseBytes },
      "call",
    );
  }
}
