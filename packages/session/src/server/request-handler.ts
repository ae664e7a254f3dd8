import {
  BulkRoom,
  type CallOptions,
  type ConnectionMemory,
  createError,
  type PromptDictService,
  type RecordedMethod,
  type RequestOf,
  type Timers,
} from "@everdict/protocol";
import { ByteSource } from "../frames/byte-source.ts";
import { SessionProtocolError } from "../frames/session-protocol-error.ts";
import { dictIdLength, FrameType, RequestFlag, settledMaxKeys } from "../frames/wire.ts";
import type { WriteBuffer } from "../frames/write-buffer.ts";
import { readContents } from "../messages/bulk-requests.ts";
import { frameByType } from "../messages/method-frames.ts";
import type { WriteAnswer } from "./answer-writers.ts";
import type { Answers } from "./answers.ts";
import { CallRoom } from "./call-room.ts";
import type { FetchTurns } from "./fetch-turns.ts";
import { callByType, type MethodCall, type UnaryMethod, type Written } from "./method-calls.ts";
import { OutgoingStream } from "./outgoing-stream.ts";
import { answerLater, type PendingOwner } from "./pending-answers.ts";

/**
 * Requests of one session, as calls of the service.
 *
 * This is the hot path: for a read that the service answers at once there is no promise, no closure and no entry in
 * any table, just the call and the answer into the outgoing batch. Keys and values are views into what arrived.
 */

/** What a handler is made of. */
export interface RequestHandlerOptions {
  readonly service: PromptDictService;
  readonly writeBuffer: WriteBuffer;
  readonly answers: Answers;
  /** What the session holds. */
  readonly memory: ConnectionMemory;
  readonly fetchTurns: FetchTurns;
  readonly timers: Timers;
  /** Makes a client's key numbers unique among all clients. */
  readonly keyPrefix: string;
  readonly requestMaxEntries: number;
  readonly requestsMax: number;
  readonly streamsMax: number;
  readonly dictNumbersMax: number;
  /** A request is not answered at once; it holds this many bytes, those of parts not counted. */
  readonly onPending: (requestBytes: number) => void;
  /** It has its answer; what came in parts is given back too. */
  readonly onAnswered: (requestBytes: number, partsBytes: number) => void;
  /** A request that came in parts was answered at once. */
  readonly onPartsDone: (partsBytes: number) => void;
}

const overloadedRetryMs = 10;

/** Makes a call, and gives back its room when it has its answer, or none. */
function withRoom<T>(room: BulkRoom, call: () => T): T {
  let isLater = false;
  try {
    const answer = call();
    isLater = answer instanceof Promise;
    return (answer instanceof Promise ? answer.finally(() => room.end()) : answer) as T;
  } finally {
    if (!isLater) room.end();
  }
}

/** Serves the requests of one session. */
export class RequestHandler implements PendingOwner {
  readonly answers: Answers;
  readonly #options: RequestHandlerOptions;
  readonly #service: PromptDictService;
  /** Of requests that name none. */
  readonly #noOptions: CallOptions;
  readonly #dicts: string[] = [];
  #streams: Map<number, OutgoingStream> | undefined;
  #pending = 0;
  #isOpen = true;
  /** Of the request that is being handled: its size, and what of it counts as parts. */
  #requestBytes = 0;
  #partsBytes = 0;

  constructor(options: RequestHandlerOptions) {
    this.#options = options;
    this.#service = options.service;
    this.answers = options.answers;
    this.#noOptions = callOptions(undefined, undefined, options.memory);
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** How many requests have no answer yet, streams included. */
  get unanswered(): number {
    return this.#pending + (this.#streams?.size ?? 0);
  }

  /** A dictionary gets a number. */
  bindDict(number: number, source: ByteSource): void {
    if (number >= this.#options.dictNumbersMax) {
      throw new SessionProtocolError(
        `dictionary number ${number}, there are ${this.#options.dictNumbersMax}`,
      );
    }
    const dictId = source.text();
    source.finish();
    // No dictionary has a longer one, and what is remembered here nobody else counts.
    if (dictId.length > dictIdLength) {
      throw new SessionProtocolError(
        `a dictionary id of ${dictId.length} characters gets a number, ids have ${dictIdLength}`,
      );
    }
    this.#dicts[number] = dictId;
  }

  /** The client will not repeat some calls. */
  settle(source: ByteSource): void {
    const type = source.u8();
    const dictId = this.#dict(source.u32());
    const keys: string[] = [];
    while (source.left > 0) {
      const first = source.u32();
      const count = source.u32();
      if (count > settledMaxKeys - keys.length) {
        throw new SessionProtocolError(`more than ${settledMaxKeys} keys are settled in one frame`);
      }
      for (let index = 0; index < count; index++) {
        keys.push(`${this.#options.keyPrefix}${(first + index) >>> 0}`);
      }
    }
    // A newer client may settle calls that are not known here.
    const method = frameByType[type];
    if (method?.settlesKey) this.#service.forget?.(dictId, method.method as RecordedMethod, keys);
  }

  /**
   * Handles one request; it is answered in any case. `partsBytes` is its size if it came in parts, else 0.
   *
   * @throws SessionProtocolError if it is malformed
   */
  handle(type: number, id: number, source: ByteSource, partsBytes: number): void {
    this.#requestBytes = partsBytes > 0 ? 0 : source.left;
    this.#partsBytes = partsBytes;
    if (this.#pending >= this.#options.requestsMax) {
      this.#refuse(id, `${this.#pending} requests are in flight, limit is ${this.#options.requestsMax}`);
      return;
    }
    try {
      this.#call(type, id, source);
    } catch (caught) {
      if (caught instanceof SessionProtocolError) throw caught;
      this.answers.error(id, caught);
      if (partsBytes > 0) this.#options.onPartsDone(partsBytes);
    }
  }

  /** The client gave up on a request. A stream ends; anything else is answered as if nothing had happened. */
  cancel(id: number): void {
    const stream = this.#streams?.get(id);
    if (stream !== undefined) stream.cancel();
    else if (this.#options.writeBuffer.cancelTransfer(id) !== undefined) {
      this.answers.error(id, createError("cancelled", "the answer was cancelled while it was sent"));
    }
  }

  /** The consumer of a stream takes more. A stream that has just ended knows nothing of it. */
  grant(id: number, bytes: number): void {
    this.#streams?.get(id)?.grant(bytes);
  }

  /** The connection takes data again. */
  wakeStreams(): void {
    for (const stream of this.#streams?.values() ?? []) stream.wake();
  }

  /** The session is over: answers go nowhere, streams let go of the service. */
  close(): void {
    this.#isOpen = false;
    for (const stream of this.#streams?.values() ?? []) stream.abandon();
  }

  onAnswered(requestBytes: number, partsBytes: number): void {
    this.#pending--;
    this.#options.onAnswered(requestBytes, partsBytes);
  }

  #call(type: number, id: number, source: ByteSource): void {
    const flags = source.u8();
    const options =
      (flags & ~RequestFlag.dictText) === 0 ? this.#noOptions : this.#readOptions(flags, source);
    const method = callByType[type];
    if (method !== undefined) {
      const dictId = method.frame.namesDict ? this.#namedDict(flags, source) : "";
      this.#serve(method, id, dictId, source, this.#partsBytes > 0 ? given(options) : options);
    } else if (type === FrameType.contents) {
      this.#openStream(id, this.#namedDict(flags, source), source, options);
    } else throw unknownRequest(type);
  }

  #serve<M extends UnaryMethod>(
    method: MethodCall<M>,
    id: number,
    dictId: string,
    source: ByteSource,
    options: CallOptions,
  ): void {
    if (method.isBulk) {
      this.#serveBulk(method, id, dictId, source, options);
      return;
    }
    const { frame, call, write } = method;
    const content = frame.request.read(source, this.#options.requestMaxEntries);
    this.#answer(id, call(this.#service, dictId, content, options), write);
  }

  /** An answer of many values has room before any of them is read. */
  #serveBulk<M extends UnaryMethod>(
    { frame, call, write }: MethodCall<M>,
    id: number,
    dictId: string,
    source: ByteSource,
    options: CallOptions,
  ): void {
    const { memory, requestMaxEntries, timers } = this.#options;
    const from = source.position;
    const content = frame.request.read(source, requestMaxEntries);
    const callRoom = new CallRoom(memory);
    const room = new BulkRoom(callRoom);
    const ask = (asked: RequestOf<M>, bounds: CallOptions) =>
      withRoom(room, () => call(this.#service, dictId, asked, { ...bounds, room }));
    const waiting = room.begin();
    if (waiting === undefined) {
      this.#answer(id, ask(content, options), write);
      return;
    }
    let own = content;
    if (options.bytesAreGiven !== true) {
      // What arrived is somebody else's when this has returned. A `slice` of a Buffer would be no copy.
      const bytes = new Uint8Array(source.bytes.subarray(from, source.end));
      own = frame.request.read(new ByteSource().reset(bytes, 0, bytes.length), requestMaxEntries);
    }
    const asked = callRoom.wait(waiting, options, timers).then((bounds) => ask(own, bounds) as Written<M>);
    this.#answer(id, asked as Promise<Written<M>>, write);
  }

  /** @param answer what resolves to nothing has an answer of the kind `undefined` */
  #answer<T>(id: number, answer: T | Promise<T> | Promise<void>, write: WriteAnswer<T>): void {
    const partsBytes = this.#partsBytes;
    if (answer instanceof Promise) {
      this.#pending++;
      this.#options.onPending(this.#requestBytes);
      answerLater(this, id, answer as Promise<T>, write, this.#requestBytes, partsBytes);
      return;
    }
    write(this.answers, id, answer);
    if (partsBytes > 0) this.#options.onPartsDone(partsBytes);
  }

  #openStream(id: number, dictId: string, source: ByteSource, options: CallOptions): void {
    const { parts, credit } = readContents(source);
    this.#streams ??= new Map();
    const streams = this.#streams;
    // One that has had its final answer may still be letting go of what it reads: its id is free.
    if (streams.get(id)?.isOver === false) {
      throw new SessionProtocolError("a stream begins while another has its id");
    }
    if (streams.size >= this.#options.streamsMax) {
      this.#refuse(id, `${streams.size} streams are open, limit is ${this.#options.streamsMax}`);
      return;
    }
    const { writeBuffer, memory, fetchTurns } = this.#options;
    if (!memory.token.openStream()) {
      this.#refuse(
        id,
        `this token has ${memory.token.account.limits.tokenStreamsMax} streams open, the limit`,
      );
      return;
    }
    const contents = this.#service.contents(dictId, parts, { ...options, room: memory.streamRoom });
    const target = { id, writeBuffer, answers: this.answers, memory, fetchTurns, credit };
    const stream = new OutgoingStream(contents, target);
    streams.set(id, stream);
    void stream.run().then(() => {
      if (streams.get(id) === stream) streams.delete(id);
      memory.token.closeStream();
    });
    if (this.#partsBytes > 0) this.#options.onPartsDone(this.#partsBytes);
  }

  #refuse(id: number, message: string): void {
    this.answers.error(id, createError("overloaded", message, { retryAfterMs: overloadedRetryMs }));
    if (this.#partsBytes > 0) this.#options.onPartsDone(this.#partsBytes);
  }

  #namedDict(flags: number, source: ByteSource): string {
    return (flags & RequestFlag.dictText) !== 0 ? source.text() : this.#dict(source.u32());
  }

  #dict(number: number): string {
    const dictId = this.#dicts[number];
    if (dictId === undefined) throw new SessionProtocolError("a dictionary number that was not given");
    return dictId;
  }

  #readOptions(flags: number, source: ByteSource): CallOptions {
    if (flags > 15) throw new SessionProtocolError(`request flags ${flags}`);
    const timeoutMs = (flags & RequestFlag.timeout) !== 0 ? source.u32() : undefined;
    let idempotencyKey: string | undefined;
    if ((flags & RequestFlag.idempotencyKeyNumber) !== 0)
      idempotencyKey = `${this.#options.keyPrefix}${source.u32()}`;
    if ((flags & RequestFlag.idempotencyKeyText) !== 0) idempotencyKey = source.text();
    return callOptions(timeoutMs, idempotencyKey, this.#options.memory);
  }
}

/** They have every field, so that all have the same shape: an engine reads them in each call. */
function callOptions(
  timeoutMs: number | undefined,
  idempotencyKey: string | undefined,
  room: ConnectionMemory,
): CallOptions {
  return { signal: undefined, timeoutMs, idempotencyKey, bytesAreGiven: undefined, room };
}

/**
 * The bytes of a request in parts belong to it alone. The bytes of a frame keep everything that arrived with it in
 * memory.
 */
function given(options: CallOptions): CallOptions {
  return { ...options, bytesAreGiven: true };
}

/** The session goes on, so that a newer client can find out what this server knows. */
function unknownRequest(type: number) {
  return createError("unimplemented", `this server does not know requests of type ${type}`);
}
