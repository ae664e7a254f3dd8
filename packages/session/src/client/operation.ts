import {
  type AnswerTypes,
  type BoundedCall,
  type CallBounds,
  callerGaveUp,
  type EverdictError,
  type Method,
  mayHaveBeenApplied,
  type RequestOf,
  tooLate,
} from "@everdict/protocol";
import type { AnswerKind, MethodFrame } from "../messages/method-frames.ts";
import type { IncomingStream } from "./incoming-stream.ts";

/**
 * One call of a session's client, from the call until its promise settles.
 *
 * An operation outlives connections: it waits for room, is sent, and is sent again on the next connection if this one
 * is lost. It settles once, by the first of these: the answer, an error, its signal, its deadline. If it settles while
 * it is sent, the connection keeps its id until the answer comes, because the server still uses the id.
 *
 * A call costs one object and one promise and nothing else, unless it has a signal or a timeout of its own.
 */

/** Where an operation is: `aside` is neither in a queue nor sent, as it is new or pauses before it is repeated. */
export const OperationState = { aside: 0, waiting: 1, sent: 2, over: 3 } as const;
/** One of {@link OperationState}. */
export type OperationState = (typeof OperationState)[keyof typeof OperationState];

/** The limit that an operation counts against, so that a stream or a large message does not hold up small calls. */
export const SendWindow = { small: 0, large: 1, stream: 2 } as const;
/** One of {@link SendWindow}. */
export type SendWindow = (typeof SendWindow)[keyof typeof SendWindow];

/** Where an operation came from. */
export interface OperationOwner {
  /** The operation settled. `before` says where it was. */
  operationOver(operation: Operation, before: OperationState): void;
  /** Why nothing can be sent; undefined if it can, or nobody knows. */
  readonly trouble: EverdictError | undefined;
}

/** Where an operation was sent. */
export interface OperationLink {
  /** Nobody waits for the answer any more. */
  abandon(operation: Operation): void;
  /** The consumer of a stream took this many bytes. */
  grant(operation: Operation, bytes: number): void;
}

/** Which call it is, and with what. */
export type OperationCall<M extends Method> = Pick<
  Operation<M>,
  "frame" | "dictId" | "content" | "bytes" | "window"
>;

/** A call under way. */
export class Operation<M extends Method = Method> implements BoundedCall {
  readonly frame: MethodFrame<M>;
  /** Of no meaning if the call is about no dictionary. */
  readonly dictId: string;
  /** What the request holds besides. */
  readonly content: RequestOf<M>;
  /** About what the request takes on the wire. */
  readonly bytes: number;
  readonly window: SendWindow;
  /** A number of the client's own, or a text of the caller's. */
  idempotencyKey: number | string | undefined;
  state: OperationState = OperationState.aside;
  /** While it waits. */
  previous: Operation | undefined;
  next: Operation | undefined;
  /** The order of the calls. */
  sequence = 0;
  /** While it is sent. */
  link: OperationLink | undefined;
  id = 0;
  /** How often it was sent. */
  attempts = 0;
  /** How often it was repeated because of an answer. */
  repeats = 0;
  /** How long it has waited because the server asked for it, in milliseconds. */
  throttledMs = 0;
  /** Whether an attempt may have been applied whose answer never came. */
  isInDoubt = false;
  /** When the first attempt in doubt, or else the last, was sent, on the timers' scale. Only kept of a call that lives by its key. */
  sentAtMs = 0;
  /** How many ticks of the owner's clock nothing has happened. */
  quietTicks = 0;
  /** How far its request, and then its answer, has ever got, in bytes. */
  #movedBytes = 0;
  /** Whether the caller gave a timeout, so that the default one does not apply. */
  hasOwnTimeout = false;
  /** Only if the caller gave a signal or a timeout. */
  bounds: CallBounds | undefined;
  stream: IncomingStream | undefined;
  readonly #owner: OperationOwner;
  #resolve: ((value: never) => void) | undefined;
  #reject: ((error: EverdictError) => void) | undefined;

  constructor(call: OperationCall<M>, owner: OperationOwner) {
    this.frame = call.frame;
    this.dictId = call.dictId;
    this.content = call.content;
    this.bytes = call.bytes;
    this.window = call.window;
    this.#owner = owner;
  }

  /** The promise of the call. To be asked for once, before anything else. */
  promise(): Promise<AnswerTypes[AnswerKind<M>]> {
    const promise = new Promise<AnswerTypes[AnswerKind<M>]>(captureSettlers);
    this.#resolve = capturedResolve;
    this.#reject = capturedReject;
    return promise;
  }

  get isOver(): boolean {
    return this.state === OperationState.over;
  }

  /**
   * So much of the request has gone, or with that of the answer has come. It is progress only where no attempt was
   * before: else a server that keeps falling could hold a large call for ever, a few parts at a time.
   */
  movedTo(bytes: number): void {
    if (bytes <= this.#movedBytes) return;
    this.#movedBytes = bytes;
    this.quietTicks = 0;
  }

  /** Entries of its stream were delivered; from here on it is never repeated. */
  delivered(): void {
    this.#movedBytes = 0;
    this.quietTicks = 0;
  }

  /** The consumer of its stream took this many bytes. */
  grant(bytes: number): void {
    this.link?.grant(this, bytes);
  }

  /** Settles it with an answer. */
  succeed(value: unknown): void {
    if (this.state === OperationState.over) return;
    const before = this.state;
    this.#end();
    if (this.stream !== undefined) this.stream.end();
    else this.#resolve?.(value as never);
    this.#owner.operationOver(this, before);
  }

  /** Settles it with an error. */
  fail(error: EverdictError): void {
    if (this.state === OperationState.over) return;
    const before = this.state;
    this.#end();
    if (this.stream !== undefined) this.stream.fail(error);
    else this.#reject?.(error);
    this.#owner.operationOver(this, before);
  }

  onCancelled(reason: unknown): void {
    this.fail(callerGaveUp(`; ${effectOf(this.attempts)}`, reason));
  }

  onTimeout(timeoutMs: number): void {
    const trouble = this.attempts === 0 ? this.#owner.trouble : undefined;
    this.fail(tooLate(timeoutMs, `; ${effectOf(this.attempts)}`, trouble));
  }

  #end(): void {
    this.state = OperationState.over;
    this.bounds?.end();
    this.bounds = undefined;
  }
}

// The functions that settle a promise come out through these two, which spares a closure for each call.
let capturedResolve: ((value: never) => void) | undefined;
let capturedReject: ((error: EverdictError) => void) | undefined;

function captureSettlers(resolve: (value: never) => void, reject: (error: EverdictError) => void): void {
  capturedResolve = resolve;
  capturedReject = reject;
}

/** What is known of a call that has no answer. */
export function effectOf(attempts: number): string {
  return attempts === 0 ? "the call was not sent" : mayHaveBeenApplied;
}
