import {
  createError,
  type EverdictError,
  errorFrom,
  olderServer,
  outlivedKey,
  type Role,
  roles,
} from "@everdict/protocol";
import type { ByteSource } from "../frames/byte-source.ts";
import { type ConnectionOwner, FrameConnection } from "../frames/frame-connection.ts";
import { SessionProtocolError } from "../frames/session-protocol-error.ts";
import { answerTypes, FrameType, Setting, serverLevel, sessionVersion } from "../frames/wire.ts";
import type { WriteBuffer } from "../frames/write-buffer.ts";
import { readEntries } from "../messages/entries-message.ts";
import { readError } from "../messages/error-message.ts";
import { helloRoom, readWelcome, type Welcome, writeHello } from "../messages/handshake.ts";
import { readAnswer } from "./answer-reader.ts";
import { AnswerSpin } from "./answer-spin.ts";
import { DictNumbers } from "./dict-numbers.ts";
import { Downloads } from "./downloads.ts";
import { clientFrameMaxBytes, type LinkEvents, type LinkOptions } from "./link-options.ts";
import { type Operation, type OperationLink, OperationState, SendWindow } from "./operation.ts";
import { mayBeForgotten, repeatRuleOf } from "./repeats.ts";
import { writeRequest } from "./request-writer.ts";
import { SentOperations } from "./sent-operations.ts";
import { SettledKeys } from "./settled-keys.ts";

type LinkState = "opening" | "ready" | "draining" | "closed";

/** The client's end of one connection: requests out, answers in. */
export class ClientLink implements OperationLink, ConnectionOwner {
  readonly #options: LinkOptions<ClientLink>;
  readonly #events: LinkEvents<ClientLink>;
  readonly #connection: FrameConnection;
  readonly #writeBuffer: WriteBuffer;
  readonly #sent: SentOperations;
  readonly #downloads: Downloads;
  readonly #settled = new SettledKeys();
  readonly #spin: AnswerSpin | undefined;
  #dicts: DictNumbers;
  #state: LinkState = "opening";
  #hasWrites = false;
  #level = 0;
  #role: Role | undefined;
  #batchStartedMs: number | undefined;

  constructor(options: LinkOptions<ClientLink>) {
    const { hello, window, spin } = options;
    this.#options = options;
    this.#events = options.events;
    const own = { frameMaxBytes: clientFrameMaxBytes, pingsMax: 1, onFlush: () => this.#onFlush() };
    this.#connection = new FrameConnection({ ...options, ...own }, this);
    this.#writeBuffer = this.#connection.writeBuffer;
    this.#sent = new SentOperations(window);
    this.#downloads = new Downloads(this.#sent);
    this.#spin = spin && new AnswerSpin(spin);
    this.#dicts = new DictNumbers(this.#writeBuffer, 1);
    this.#connection.start(options.openTimeoutMs, false);
    writeHello(this.#writeBuffer.begin(FrameType.hello, 0, helloRoom(hello)), hello);
    this.#writeBuffer.end();
    this.#writeBuffer.flush();
  }

  /** Whether new operations may be sent. */
  get isReady(): boolean {
    return this.#state === "ready";
  }

  /** Whether the server knows all calls that there are here. */
  get knowsAllCalls(): boolean {
    return this.#level >= serverLevel;
  }

  /** What the token may do, as the server said; undefined: it said nothing. */
  get role(): Role | undefined {
    return this.#role;
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
    const refusal = this.#refusal(operation);
    if (refusal !== undefined) {
      operation.fail(refusal);
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
      writeRequest(this.#writeBuffer, operation, this.#dicts, leftMs);
    } catch (caught) {
      // An argument that is not of its type, which shows only when it is written.
      this.#batchStartedMs = undefined;
      this.#sent.remove(operation);
      operation.link = undefined;
      operation.fail(errorFrom(caught));
    }
  }

  /** Why an operation must not be sent here. */
  #refusal(operation: Operation): EverdictError | undefined {
    const { messageMaxBytes } = this.#writeBuffer;
    if (operation.bytes > messageMaxBytes) {
      const message = `the request takes ${operation.bytes} bytes, the server reads ${messageMaxBytes}`;
      return createError("request_too_large", message);
    }
    if (!this.knowsAllCalls && operation.frame.isLater(operation.content)) {
      return olderServer(operation.frame.method);
    }
    return mayBeForgotten(operation, this.#options.timers) ? outlivedKey() : undefined;
  }

  abandon(operation: Operation): void {
    operation.link = undefined;
    if (this.#state === "closed") return;
    if (this.#writeBuffer.cancelTransfer(operation.id) !== 0) {
      this.#writeBuffer.bare(FrameType.cancel, operation.id);
      return;
    }
    // The server never heard of it, so there will be no answer to wait for.
    this.#sent.remove(operation);
    this.#onRoom();
  }

  grant(operation: Operation, bytes: number): void {
    if (this.#state === "closed") return;
    this.#writeBuffer.begin(FrameType.credit, operation.id, 4).u32(bytes);
    this.#writeBuffer.end();
  }

  /** Whether this connection alone keeps the process alive. */
  holdProcess(hold: boolean): void {
    this.#options.carrier.holdProcess(hold);
  }

  /** Ends the connection when everything that was sent is answered. */
  drain(): void {
    if (this.#state === "closed") return;
    this.#state = "draining";
    this.#endIfDrained();
  }

  // ---- Arriving ----

  onTaken(): void {
    this.#onRoom();
    this.#spin?.received(this.#sent.count);
  }

  /** Others can be sent now, or the last one is done with. */
  #onRoom(): void {
    this.#events.onRoom(this);
    this.#endIfDrained();
  }

  onFrame(type: number, id: number, source: ByteSource): void {
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
    this.#writeBuffer.cancelTransfer(operation.id);
    this.#downloads.drop(operation.id);
    this.#sent.remove(operation);
  }

  /** Only of a call that was sent once: of another a copy may still be under way on a connection that was lost. */
  #settleKey({ frame, idempotencyKey, attempts, dictId }: Operation): void {
    if (typeof idempotencyKey !== "number" || attempts > 1 || !frame.settlesKey) return;
    this.#settled.add(frame.type, dictId, idempotencyKey);
    if (this.#settled.areMany) this.#settled.write(this.#writeBuffer, this.#dicts);
  }

  #onEntries(operation: Operation, source: ByteSource): void {
    if (operation.window !== SendWindow.stream)
      throw new SessionProtocolError("entries that were not asked for");
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
      default:
        this.#connection.onControl(type, id, source);
    }
  }

  #onWelcome(welcome: Welcome): void {
    if (this.#state !== "opening") throw new SessionProtocolError("a second WELCOME");
    if (welcome.version !== sessionVersion) {
      throw new SessionProtocolError(`the server chose version ${welcome.version}, which was not offered`);
    }
    const { settings } = welcome;
    const own = { frameMaxBytes: clientFrameMaxBytes, pingIntervalMs: this.#options.pingIntervalMs };
    this.#connection.opened(settings, own, this.#downloads);
    this.#sent.limit(settings);
    this.#dicts = new DictNumbers(this.#writeBuffer, Math.max(1, settings.get(Setting.dictNumbersMax) ?? 1));
    this.#level = settings.get(Setting.level) ?? 0;
    this.#role = roles[(settings.get(Setting.role) ?? 0) - 1];
    this.#state = "ready";
    this.#events.onReady(this);
  }

  #onGoodbye(error: EverdictError): void {
    if (this.#state === "ready" && error.code === "unavailable") {
      this.#state = "draining";
      this.#events.onDraining(this);
      return;
    }
    if (this.#state === "draining" && error.code === "unavailable") return;
    this.close(error);
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

  // ---- The end ----

  expectsSigns(): boolean {
    return this.#sent.count > 0;
  }

  onSilence(): void {
    const message =
      this.#state === "opening"
        ? `the server did not accept the session within ${this.#options.openTimeoutMs} ms`
        : "the server gives no sign of life; calls may have been applied";
    this.close(createError("unavailable", message));
  }

  onBroken(cause: unknown): void {
    const what = cause instanceof SessionProtocolError ? cause.message : "an answer cannot be read";
    this.close(createError("internal", `the server broke the session protocol: ${what}`, { cause }));
  }

  onLost(cause: unknown): void {
    const detail = cause instanceof Error ? ` (${cause.message})` : "";
    const message = `the connection was lost${detail}; calls under way may have been applied`;
    this.close(createError("unavailable", message, { cause }));
  }

  #endIfDrained(): void {
    if (this.#state !== "draining" || this.#sent.count > 0) return;
    this.#settled.write(this.#writeBuffer, this.#dicts);
    this.#state = "closed";
    this.#connection.end("close");
    this.#events.onLost(this, createError("unavailable", "the session ended"), []);
  }

  /** Ends the connection at once. */
  close(error: EverdictError): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#connection.end("destroy");
    const unanswered = [...this.#sent.all()].filter((each) => !each.isOver);
    for (const each of unanswered) {
      each.link = undefined;
      each.state = OperationState.aside;
    }
    unanswered.sort((one, other) => one.sequence - other.sequence);
    this.#events.onLost(this, error, unanswered);
  }
}
