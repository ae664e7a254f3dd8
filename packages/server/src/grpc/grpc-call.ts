import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import type { Caller } from "@everdict/engine";
import {
  type ConnectionMemory,
  createError,
  type EverdictError,
  errorTable,
  mayHaveBeenApplied,
  Status,
  tooLate,
} from "@everdict/protocol";
import { isOver, lingerMs, reset } from "../connections/stream-end.ts";
import { AnswerWriter } from "./answer-writer.ts";
import { errorToSend, stalledBehindOthers, stalledUpload } from "./call-errors.ts";
import type { CallState, Receiving } from "./call-state.ts";
import type { GrpcHost } from "./grpc-host.ts";
import type { GrpcMessage, GrpcMethod } from "./grpc-method.ts";
import { parseGrpcTimeoutMs } from "./grpc-timeout.ts";
import { type AnsweredCall, MethodRun } from "./method-run.ts";
import type { OpenCall } from "./open-calls.ts";
import { notAuthenticated } from "./refusals.ts";
import { singleHeader } from "./single-header.ts";
import { statusTrailers } from "./status-trailers.ts";
import { UnaryRequestReader } from "./unary-request-reader.ts";

/**
 * One gRPC call on one HTTP/2 stream: check the head, read the request, run the method, write the answer.
 *
 * A call has exactly one outcome: the method's answer, an error, the deadline, or the client that reset the stream. The
 * first of them decides it. The status goes out as trailers; if nothing was sent yet they are the whole response
 * ("Trailers-Only"). Nothing is compressed, ever: the official Python client cannot read it (protocol section 0.1).
 */

/** How much of a refused request is read and dropped before the stream is reset, in bytes. */
const lingerMaxBytes = 64 * 1024;
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

class GrpcCall implements OpenCall, AnsweredCall {
  readonly caller: Caller;
  readonly #stream: ServerHttp2Stream;
  readonly #host: GrpcHost;
  readonly #memory: ConnectionMemory;
  readonly #writer: AnswerWriter;
  readonly #startedAtMs: number;
  /** Undefined if there is no such method. */
  #method: GrpcMethod | undefined;
  #state: CallState = { name: "opening" };
  /** Of the deadline; of the patience with the client once the call has ended. */
  #timer: NodeJS.Timeout | undefined;

  constructor(stream: ServerHttp2Stream, caller: Caller, host: GrpcHost) {
    this.#stream = stream;
    this.caller = caller;
    this.#host = host;
    this.#memory = host.memories.of(stream, caller.id);
    this.#writer = new AnswerWriter(stream, this.#memory);
    this.#startedAtMs = host.logger.isLevelEnabled("debug") ? performance.now() : 0;
  }

  get kind(): GrpcMethod["kind"] | undefined {
    return this.#method?.kind;
  }

  /** There is nobody to write to: the outcome is decided, or the stream is gone and `close` follows. */
  get isGone(): boolean {
    return this.#state.name === "ended" || isOver(this.#stream);
  }

  // ---- Opening and receiving ----

  /** Checks the head and begins to read. */
  open(headers: IncomingHttpHeaders): void {
    const stream = this.#stream;
    stream.on("close", () => this.#onClose());
    stream.on("data", (chunk: Buffer) => this.#onData(chunk));
    stream.on("end", () => this.#onEnd());
    try {
      this.#checkHead(headers);
    } catch (caught) {
      this.fail(caught);
    }
  }

  #checkHead(headers: IncomingHttpHeaders): void {
    const { methods, requestMaxBytes } = this.#host;
    const path = headers[":path"] ?? "";
    const method = methods.get(path);
    if (method === undefined) throw this.#host.unserved.refuse(path);
    this.#method = method;
    this.#host.openCalls.set(this.#stream, this);
    this.#startDeadline(parseGrpcTimeoutMs(singleHeader(headers["grpc-timeout"])));
    const idempotencyKey = singleHeader(headers["x-idempotency-key"]);
    const encoding = singleHeader(headers["grpc-encoding"]);
    const reader = new UnaryRequestReader({ maxBytes: requestMaxBytes, memory: this.#memory, encoding });
    this.#state = { name: "receiving", method, reader, idempotencyKey };
  }

  #onData(chunk: Buffer): void {
    const state = this.#state;
    if (state.name === "ended") {
      state.lingeredBytes += chunk.length;
      if (state.lingeredBytes > lingerMaxBytes) this.#reset(constants.NGHTTP2_NO_ERROR);
    } else if (state.name === "receiving") {
      try {
        state.reader.push(chunk);
      } catch (caught) {
        this.fail(caught);
      }
    }
  }

  #onEnd(): void {
    const state = this.#state;
    // A reset ends the reading side as well.
    if (state.name !== "receiving" || this.isGone) return;
    try {
      this.#begin(state, state.reader.finish());
    } catch (caught) {
      this.fail(caught);
    }
  }

  #begin({ method, reader, idempotencyKey }: Receiving, message: Uint8Array): void {
    const run = new MethodRun({
      call: this,
      caller: this.caller,
      method,
      message,
      idempotencyKey,
      memory: this.#memory,
      signals: this.#host.signals,
      releaseRequest: () => reader.release(),
    });
    this.#state = { name: "answering", run };
    run.begin();
  }

  // ---- Answering ----

  answer(message: GrpcMessage): void {
    if (this.isGone) return;
    this.#end(Status.OK);
    this.#writer.last(message);
  }

  piece(piece: Uint8Array): Promise<void> {
    return this.#writer.piece(piece);
  }

  endPieces(): void {
    if (this.isGone) return;
    this.#end(Status.OK);
    this.#writer.end();
  }

  // ---- Ending ----

  /** The outcome is decided. What has arrived of a request that is not answered is let go. */
  #end(status: number): void {
    const state = this.#state;
    if (state.name === "receiving") state.reader.release();
    this.#state = { name: "ended", status, run: this.#run, lingeredBytes: 0 };
  }

  /** Undefined as long as the method has not begun. */
  get #run(): MethodRun | undefined {
    return "run" in this.#state ? this.#state.run : undefined;
  }

  fail(caught: unknown): void {
    const { logger } = this.#host;
    const rpc = this.#rpc;
    const run = this.#run;
    // Before the method runs, `internal` only says that the client sent something broken.
    const error = errorToSend(caught, { logger, rpc, hasBegun: run !== undefined });
    if (this.isGone) return;
    this.#end(errorTable[error.code].status);
    try {
      const waits = this.#writer.fail(statusTrailers(error));
      // Of a client that does not read, the status would wait behind what it leaves lying.
      if (waits) this.#setTimer(statusPatienceMs, () => this.#reset(constants.NGHTTP2_CANCEL));
    } catch (thrown) {
      logger.error({ rpc, err: thrown }, "a status could not be sent");
      this.#reset(constants.NGHTTP2_INTERNAL_ERROR);
    }
    run?.forgetWaits(error);
    if (!this.#stream.readableEnded) this.#linger();
  }

  /**
   * A client that is still sending a refused request: most are about to end, so a little is read and dropped.
   * Then the stream is reset without an error, which tells the client to stop and to take the status it has.
   */
  #linger(): void {
    this.#stream.resume();
    this.#setTimer(lingerMs, () => this.#reset(constants.NGHTTP2_NO_ERROR));
  }

  #startDeadline(timeoutMs: number | undefined): void {
    if (timeoutMs === undefined) return;
    this.#setTimer(timeoutMs, () => {
      const error = tooLate(timeoutMs, `; ${mayHaveBeenApplied}`);
      this.fail(error);
      this.#run?.abort(error);
    });
  }

  revoke(): void {
    const error = notAuthenticated();
    // What is over may have an answer on its way out, behind which no status can follow any more.
    if (this.#state.name === "ended") this.#reset(constants.NGHTTP2_CANCEL);
    else this.fail(error);
    this.#run?.abort(error);
  }

  /** What stops in the middle of a request, or takes no answers, must not keep memory from the others. */
  onTick(): void {
    if (isOver(this.#stream)) return;
    const state = this.#state;
    if (this.#writer.standsStill()) this.#endStalled();
    else if (state.name === "receiving" && state.reader.standsStill()) this.#failStalled(stalledUpload());
    else if (state.name === "answering" && state.run.standsStill()) {
      this.#failStalled(stalledBehindOthers(state.run.mayBeApplied));
    }
  }

  #failStalled(error: EverdictError): void {
    this.#memory.token.account.noteStalled();
    this.fail(error);
  }

  /** Trailers would wait behind what the client leaves lying. This code is `RESOURCE_EXHAUSTED` to clients of gRPC. */
  #endStalled(): void {
    this.#memory.token.account.noteStalled();
    this.#end(Status.RESOURCE_EXHAUSTED);
    this.#reset(constants.NGHTTP2_ENHANCE_YOUR_CALM);
  }

  #onClose(): void {
    clearTimeout(this.#timer);
    this.#host.openCalls.delete(this.#stream);
    this.#writer.close();
    const gaveUp = createError("cancelled", "the client gave up");
    if (this.#state.name !== "ended") {
      this.#end(Status.CANCELLED);
      this.#run?.abort(gaveUp);
    }
    // While the method runs it holds the message.
    this.#run?.forgetWaits(gaveUp);
    this.#log();
  }

  #reset(code: number): void {
    reset(this.#stream, code);
  }

  #setTimer(delayMs: number, action: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(action, delayMs);
    this.#timer.unref();
  }

  get #rpc(): string {
    return this.#method?.name ?? "unknown";
  }

  #log(): void {
    const { logger } = this.#host;
    if (!logger.isLevelEnabled("debug") || this.#state.name !== "ended") return;
    const { status, run } = this.#state;
    const durationMs = Math.round((performance.now() - this.#startedAtMs) * 1000) / 1000;
    const [requestBytes, responseBytes] = [run?.requestBytes ?? 0, this.#writer.writtenBytes];
    logger.debug({ rpc: this.#rpc, status, durationMs, requestBytes, responseBytes }, "call");
  }
}
