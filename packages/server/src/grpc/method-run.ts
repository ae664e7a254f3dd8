import type { Caller } from "@everdict/engine";
import {
  type ConnectionMemory,
  type EverdictError,
  StallClock,
  type ValueRoom,
  type WaitingCall,
} from "@everdict/protocol";
import type { GrpcMessage, GrpcMethod, GrpcRequest, UnaryMethod } from "./grpc-method.ts";
import type { SignalPool } from "./signal-pool.ts";

/**
 * The method of one call, from when its request is whole.
 *
 * A run has three phases:
 * - "waiting": its client leaves too much lying on the connection. Left for "running" when its turn comes, and for
 *   "finished" when the call has another outcome first: then the method never begins.
 * - "running": the method runs. Left for "finished" when it has ended, also if its answer has come too late, and for
 *   "waiting" when there is no room for an answer that can be had again.
 * - "finished": it holds neither the request nor a signal any more.
 */

/** Where a run takes its answer. */
export interface AnsweredCall {
  /** Whether there is nobody to write to: the outcome is decided, or the stream is gone. */
  readonly isGone: boolean;
  /** The one answer of a unary method. */
  answer(message: GrpcMessage): void;
  /** The next piece of a stream. Resolves when another may follow. */
  piece(piece: Uint8Array): Promise<void>;
  /** The end of a stream. */
  endPieces(): void;
  fail(caught: unknown): void;
}

/** What a run needs. */
export interface MethodRunOptions {
  readonly call: AnsweredCall;
  readonly caller: Caller;
  readonly method: GrpcMethod;
  readonly message: Uint8Array;
  readonly idempotencyKey: string | undefined;
  /** What is held for the caller on this connection. */
  readonly memory: ConnectionMemory;
  readonly signals: SignalPool;
  /** The request is not needed any more. */
  readonly releaseRequest: () => void;
}

/** The method of one call, and the room for large values that it reads. */
export class MethodRun implements WaitingCall, ValueRoom {
  readonly requestBytes: number;
  readonly #method: GrpcMethod;
  readonly #call: AnsweredCall;
  readonly #memory: ConnectionMemory;
  readonly #signals: SignalPool;
  readonly #releaseRequest: () => void;
  readonly #controller: AbortController;
  #phase: "waiting" | "running" | "finished" = "running";
  /** Until it has finished. */
  #request: GrpcRequest | undefined;
  /** Of what the connection takes while this run waits. */
  readonly #progress = new StallClock();
  /** Whether room was made for what it answers, and how many large values wait for that. */
  #hasReserved = false;
  #waitingReads = 0;

  constructor(options: MethodRunOptions) {
    const { call, caller, method, message, idempotencyKey, memory, signals, releaseRequest } = options;
    this.requestBytes = message.length;
    this.#method = method;
    this.#call = call;
    this.#memory = memory;
    this.#signals = signals;
    this.#releaseRequest = releaseRequest;
    this.#controller = signals.take();
    const { signal } = this.#controller;
    this.#request = { caller, options: { signal, idempotencyKey, room: this }, message, memory };
  }

  /** Runs the method, at once or when its turn comes. */
  begin(): void {
    if (this.#memory.isFull) this.#wait();
    else void this.#run();
  }

  /** Tells the method that nobody wants its answer. */
  abort(error: EverdictError): void {
    if (this.#phase !== "finished") this.#controller.abort(error);
  }

  /** The outcome is decided elsewhere: it needs neither a turn nor room for what it would read. */
  forgetWaits(error: EverdictError): void {
    if (this.#phase === "waiting") {
      this.#memory.forget(this);
      this.#finish();
    }
    if (this.#waitingReads > 0) this.#memory.forgetReads(this, error);
  }

  /** To be called once in `clientStallMs`: whether the client keeps it waiting with other answers that it does not take. */
  standsStill(): boolean {
    if (this.#phase !== "waiting" && this.#waitingReads === 0) return false;
    // What others hold is no fault of this client.
    if (this.#memory.outgoingBytes === 0) return false;
    return this.#progress.standsStill(this.#memory.takenBytes, 1);
  }

  /** Whether it may have changed something, although it waits. */
  get mayBeApplied(): boolean {
    return this.#waitingReads > 0 && this.#method.kind === "unary" && !this.#method.isRead;
  }

  // ---- Its turn ----

  #wait(): void {
    this.#phase = "waiting";
    this.#progress.restart(this.#memory.takenBytes);
    this.#memory.wait(this);
  }

  onTurn(): Promise<void> {
    const running = this.#run();
    // A stream writes as its client reads; nobody waits for its end.
    return this.#method.kind === "unary" ? running : Promise.resolve();
  }

  async #run(): Promise<void> {
    this.#phase = "running";
    const method = this.#method;
    const request = this.#request!;
    let isDone = true;
    try {
      if (method.kind === "unary") isDone = await this.#answer(method, request);
      else await this.#pump(method.answer(request));
    } catch (caught) {
      this.#call.fail(caught);
    }
    if (isDone || this.#call.isGone) this.#finish();
    else this.#wait();
  }

  /** False, and the answer let go, if there is no room for it and it can be had again. */
  async #answer(method: UnaryMethod, request: GrpcRequest): Promise<boolean> {
    const message = await method.answer(request);
    const isWithoutRoom = this.#memory.isFull && !this.#hasReserved;
    if (method.isRead && isWithoutRoom && !this.#call.isGone) return false;
    this.#call.answer(message);
    return true;
  }

  async #pump(pieces: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const piece of pieces) {
      if (this.#call.isGone) return;
      await this.#call.piece(piece);
      if (this.#call.isGone) return;
    }
    this.#call.endPieces();
  }

  #finish(): void {
    this.#phase = "finished";
    this.#request = undefined;
    this.#releaseRequest();
    this.#signals.give(this.#controller);
  }

  // ---- Room for large values ----

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
    return this.#method.kind === "serverStream" ? "streams" : "reads";
  }
}
