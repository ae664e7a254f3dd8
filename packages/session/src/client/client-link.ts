import { createError, type EverdictError, errorFrom, outlivedKey } from "@everdict/protocol";
import type { Carrier } from "../carriers/carrier.ts";
import { readU32 } from "../frames/byte-sink.ts";
import { ByteSource } from "../frames/byte-source.ts";
import { FrameCutter } from "../frames/frame-cutter.ts";
import { Outbox } from "../frames/outbox.ts";
import { Assemblies } from "../frames/part-assembly.ts";
import { SessionProtocolError } from "../frames/session-protocol-error.ts";
import {
  answerTypes,
  FrameType,
  firstSkippableType,
  frameMinMaxBytes,
  headBytes,
  Setting,
  sessionVersion,
} from "../frames/wire.ts";
import { readEntries } from "../messages/entries-message.ts";
import { readError } from "../messages/error-message.ts";
import { helloRoom, readWelcome, type Welcome, writeHello } from "../messages/handshake.ts";
import { readAnswer } from "./answer-reader.ts";
import { AnswerSpin } from "./answer-spin.ts";
import { DictNumbers } from "./dict-numbers.ts";
import {
  clientFrameMaxBytes,
  clientMessageMaxBytes,
  type LinkEvents,
  type LinkOptions,
} from "./link-options.ts";
import { Lane, type Operation, type OperationLink, OperationState } from "./operation.ts";
import { mayBeForgotten, repeatRuleOf } from "./repeats.ts";
import { writeRequest } from "./request-writer.ts";
import { SentOperations } from "./sent-operations.ts";
import { SettledKeys } from "./settled-keys.ts";

type LinkState = "opening" | "ready" | "draining" | "closed";

/** The client's end of one connection: requests out, answers in. */
export class ClientLink implements OperationLink {
  readonly #options: LinkOptions;
  readonly #carrier: Carrier;
  readonly #events: LinkEvents;
  readonly #outbox: Outbox;
  readonly #cutter: FrameCutter;
  readonly #source = new ByteSource();
  readonly #assemblies = new Assemblies();
  readonly #sent: SentOperations;
  readonly #settled = new SettledKeys();
  readonly #spin: AnswerSpin | undefined;
  #dicts: DictNumbers;
  #state: LinkState = "opening";
  #messageMaxBytes = 0;
  #timer: unknown;
  #heard = false;
  #silentTicks = 0;
  #hasWrites = false;
  #batchStartedMs: number | undefined;

  constructor(options: LinkOptions) {
    const { carrier, timers, atEndOfTurn, hello } = options;
    this.#options = options;
    this.#carrier = carrier;
    this.#events = options.events;
    this.#outbox = new Outbox({ carrier, atEndOfTurn, onFlush: () => this.#onFlush() });
    this.#cutter = new FrameCutter(clientFrameMaxBytes, (bytes, start, end) =>
      this.#onFrame(bytes, start, end),
    );
    this.#sent = new SentOperations(options.window);
    this.#spin = options.spin && new AnswerSpin(options.spin);
    this.#dicts = new DictNumbers(this.#outbox, 1);
    this.#timer = timers.set(() => this.#onOpenTimeout(), options.openTimeoutMs, false);
    carrier.start({
      onData: (bytes) => this.#onData(bytes),
      onSent: () => this.#outbox.onSent(),
      onClose: (error) => this.#end(connectionLost(error)),
    });
    writeHello(this.#outbox.begin(FrameType.hello, 0, helloRoom(hello)), hello);
    this.#outbox.end();
    this.#outbox.flush();
  }

  /** Whether new operations may be sent. */
  get isReady(): boolean {
    return this.#state === "ready";
  }

  /** Whether an operation can be sent now. */
  hasRoom(operation: Operation): boolean {
    return this.#state === "ready" && this.#sent.hasRoom(operation);
  }

  /** All that are sent and not answered, in no order. */
  operations(): Iterable<Operation> {
    return this.#sent.all();
  }

  /** Sends an operation. There must be room. */
  send(operation: Operation): void {
    if (operation.bytes > this.#messageMaxBytes) {
      const message = `the request takes ${operation.bytes} bytes, the server reads ${this.#messageMaxBytes}`;
      operation.fail(createError("request_too_large", message));
      return;
    }
    if (mayBeForgotten(operation, this.#options.timers)) {
      operation.fail(outlivedKey());
      return;
    }
    operation.id = this.#sent.add(operation);
    operation.state = OperationState.sent;
    operation.link = this;
    operation.attempts++;
    if (!operation.isInDoubt && repeatRuleOf(operation) === "underKey")
      operation.sentAtMs = this.#batchTimeMs();
    if (this.#spin !== undefined && operation.frame.rule.needs !== "read") this.#hasWrites = true;
    const deadlineMs = operation.bounds?.deadlineMs;
    const leftMs =
      deadlineMs === undefined ? undefined : Math.max(1, deadlineMs - this.#options.timers.now());
    try {
      writeRequest(this.#outbox, operation, this.#dicts, leftMs);
    } catch (caught) {
      // An argument that is not of its type, which shows only when it is written.
      this.#batchStartedMs = undefined;
      this.#sent.remove(operation);
      operation.link = undefined;
      operation.fail(errorFrom(caught));
    }
  }

  abandon(operation: Operation): void {
    operation.link = undefined;
    if (this.#state === "closed") return;
    if (this.#outbox.cancelTransfer(operation.id) !== 0) {
      this.#outbox.bare(FrameType.cancel, operation.id);
      return;
    }
    // The server never heard of it, so there will be no answer to wait for.
    this.#sent.remove(operation);
    this.#onRoom();
  }

  grant(operation: Operation, bytes: number): void {
    if (this.#state === "closed") return;
    this.#outbox.begin(FrameType.credit, operation.id, 4).u32(bytes);
    this.#outbox.end();
  }

  /** Whether this connection alone keeps the process alive. */
  holdProcess(hold: boolean): void {
    this.#carrier.holdProcess(hold);
  }

  /** Ends the connection when everything that was sent is answered. */
  drain(): void {
    if (this.#state === "closed") return;
    this.#state = "draining";
    this.#endIfDrained();
  }

  /** Ends the connection at once. */
  close(error: EverdictError): void {
    this.#end(error);
  }

  // ---- Arriving ----

  #onData(bytes: Uint8Array): void {
    this.#heard = true;
    try {
      this.#cutter.push(bytes);
    } catch (caught) {
      const what = caught instanceof SessionProtocolError ? caught.message : "an answer cannot be read";
      this.#end(createError("internal", `the server broke the session protocol: ${what}`, { cause: caught }));
      return;
    }
    if (this.#state === "closed") return;
    this.#onRoom();
    this.#spin?.received(this.#sent.count);
  }

  /** Others can be sent now, or the last one is done with. */
  #onRoom(): void {
    this.#events.onRoom(this);
    this.#endIfDrained();
  }

  #onFrame(bytes: Uint8Array, start: number, end: number): void {
    // A frame that ended the connection may have others behind it.
    if (this.#state === "closed") return;
    const type = bytes[start]!;
    const id = readU32(bytes, start + 1);
    const source = this.#source.reset(bytes, start + headBytes, end);
    if (type >= answerTypes.first && type <= answerTypes.last) this.#onAnswer(type, id, source);
    else this.#onControl(type, id, source);
  }

  #onAnswer(type: number, id: number, source: ByteSource): void {
    const operation = this.#sent.get(id);
    if (operation === undefined) throw new SessionProtocolError("an answer to no request");
    if (type === FrameType.entries) {
      this.#onEntries(operation, source);
      return;
    }
    if (type !== FrameType.error) this.#settleKey(operation);
    if (operation.isOver) {
      this.#free(operation);
      return;
    }
    const answer = type === FrameType.error ? readError(source) : readAnswer(operation.frame, type, source);
    this.#free(operation);
    operation.link = undefined;
    if (type !== FrameType.error) {
      operation.succeed(answer);
      return;
    }
    operation.state = OperationState.aside;
    this.#events.onFailure(operation, answer as EverdictError);
  }

  /**
   * The final answer came, and the id can stand for another call. Parts belong to an id: those of a request that was
   * refused halfway must not follow the next request, nor those of an answer that was cancelled halfway precede the
   * next answer.
   */
  #free(operation: Operation): void {
    this.#outbox.cancelTransfer(operation.id);
    if (this.#assemblies.size > 0) this.#assemblies.drop(operation.id);
    this.#sent.remove(operation);
  }

  /** Only of a call that was sent once: of another a copy may still be under way on a connection that was lost. */
  #settleKey({ frame, idempotencyKey, attempts, dictId }: Operation): void {
    if (typeof idempotencyKey !== "number" || attempts > 1 || !frame.settlesKey) return;
    this.#settled.add(frame.type, dictId, idempotencyKey);
    if (this.#settled.areMany) this.#settled.write(this.#outbox, this.#dicts);
  }

  #onEntries(operation: Operation, source: ByteSource): void {
    if (operation.lane !== Lane.stream) throw new SessionProtocolError("entries that were not asked for");
    if (operation.isOver) return;
    operation.delivered();
    const bytes = source.left;
    operation.stream?.push(readEntries(source), bytes);
  }

  #onControl(type: number, id: number, source: ByteSource): void {
    if (this.#state === "opening" && type !== FrameType.welcome && type !== FrameType.goodbye) {
      throw new SessionProtocolError("the first frame is neither a WELCOME nor a GOODBYE");
    }
    switch (type) {
      case FrameType.welcome:
        this.#onWelcome(readWelcome(source));
        return;
      case FrameType.goodbye:
        this.#onGoodbye(readError(source));
        return;
      case FrameType.ping:
        this.#outbox.bare(FrameType.pong, id);
        return;
      case FrameType.firstPart:
        this.#onFirstPart(id, source);
        return;
      case FrameType.part:
        this.#onPart(this.#assemblies.add(id, source), id);
        return;
      case FrameType.pong:
        return;
      default:
        if (type < firstSkippableType) throw new SessionProtocolError(`a frame of type ${type}`);
    }
  }

  #onWelcome(welcome: Welcome): void {
    if (this.#state !== "opening") throw new SessionProtocolError("a second WELCOME");
    if (welcome.version !== sessionVersion) {
      throw new SessionProtocolError(`the server chose version ${welcome.version}, which was not offered`);
    }
    const { settings } = welcome;
    this.#outbox.limitFrames(Math.max(frameMinMaxBytes, settings.get(Setting.frameMaxBytes) ?? 0));
    this.#messageMaxBytes = settings.get(Setting.messageMaxBytes) ?? frameMinMaxBytes;
    this.#sent.limit(settings);
    this.#dicts = new DictNumbers(this.#outbox, Math.max(1, settings.get(Setting.dictNumbersMax) ?? 1));
    this.#state = "ready";
    const { timers } = this.#options;
    timers.clear(this.#timer);
    this.#schedulePing();
    this.#events.onReady(this);
  }

  #onGoodbye(error: EverdictError): void {
    if (this.#state === "ready" && error.code === "unavailable") {
      this.#state = "draining";
      this.#events.onDraining(this);
      return;
    }
    if (this.#state === "draining" && error.code === "unavailable") return;
    this.#end(error);
  }

  #onFirstPart(id: number, source: ByteSource): void {
    const type = source.u8();
    const totalBytes = source.u32();
    if (this.#sent.get(id) === undefined || type < answerTypes.first || type > answerTypes.last) {
      throw new SessionProtocolError("a message in parts that is no answer");
    }
    if (totalBytes > clientMessageMaxBytes) {
      throw new SessionProtocolError(`an answer of ${totalBytes} bytes, over ${clientMessageMaxBytes}`);
    }
    this.#onPart(this.#assemblies.begin(id, type, totalBytes, source), id);
  }

  #onPart(complete: ReturnType<Assemblies["add"]>, id: number): void {
    if (complete === undefined) {
      const operation = this.#sent.get(id);
      operation?.movedTo(operation.bytes + this.#assemblies.receivedBytes(id));
      return;
    }
    const { type, bytes } = complete;
    this.#onAnswer(type, id, this.#source.reset(bytes, 0, bytes.length));
  }

  // ---- Time ----

  /** When the batch of now was begun: the calls of a batch share it, since asking would cost a tenth of a call. */
  #batchTimeMs(): number {
    this.#batchStartedMs ??= this.#options.timers.now();
    return this.#batchStartedMs;
  }

  #onFlush(): void {
    this.#batchStartedMs = undefined;
    this.#spin?.sent(this.#sent.count, this.#hasWrites);
    this.#hasWrites = false;
  }

  #onOpenTimeout(): void {
    const message = `the server did not accept the session within ${this.#options.openTimeoutMs} ms`;
    this.#end(createError("unavailable", message));
  }

  #schedulePing(): void {
    const { timers, pingIntervalMs } = this.#options;
    this.#timer = timers.set(() => this.#onPingTick(), pingIntervalMs, true);
  }

  /** Only while answers are due does silence mean anything. */
  #onPingTick(): void {
    this.#silentTicks = this.#heard || this.#sent.count === 0 ? 0 : this.#silentTicks + 1;
    this.#heard = false;
    if (this.#silentTicks > 1) {
      this.#end(createError("unavailable", "the server gives no sign of life; calls may have been applied"));
      return;
    }
    if (this.#silentTicks === 1) this.#outbox.bare(FrameType.ping, 0);
    this.#schedulePing();
  }

  // ---- The end ----

  #endIfDrained(): void {
    if (this.#state !== "draining" || this.#sent.count > 0) return;
    this.#settled.write(this.#outbox, this.#dicts);
    this.#finish(() => this.#carrier.close());
    this.#events.onLost(this, createError("unavailable", "the session ended"), []);
  }

  #end(error: EverdictError): void {
    if (this.#state === "closed") return;
    this.#finish(() => this.#carrier.destroy());
    const unanswered = [...this.#sent.all()].filter((each) => !each.isOver);
    for (const each of unanswered) {
      each.link = undefined;
      each.state = OperationState.aside;
    }
    unanswered.sort((one, other) => one.sequence - other.sequence);
    this.#events.onLost(this, error, unanswered);
  }

  #finish(endCarrier: () => void): void {
    this.#state = "closed";
    this.#options.timers.clear(this.#timer);
    this.#outbox.flushLast();
    this.#outbox.close();
    this.#cutter.clear();
    endCarrier();
  }
}

function connectionLost(cause: unknown): EverdictError {
  const detail = cause instanceof Error ? ` (${cause.message})` : "";
  const message = `the connection was lost${detail}; calls under way may have been applied`;
  return createError("unavailable", message, { cause });
}
