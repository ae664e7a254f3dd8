import {
  ConnectionMemory,
  createError,
  type EverdictError,
  StallClock,
  smallRequestMaxBytes,
} from "@everdict/protocol";
import type { ByteSource } from "../frames/byte-source.ts";
import { type ConnectionOwner, FrameConnection } from "../frames/frame-connection.ts";
import { SessionProtocolError } from "../frames/session-protocol-error.ts";
import { FrameType, helloMaxBytes, requestTypes, Setting, sessionVersion } from "../frames/wire.ts";
import type { WriteBuffer } from "../frames/write-buffer.ts";
import { errorRoom, writeError } from "../messages/error-message.ts";
import { type Hello, readHello, welcomeRoom, writeWelcome } from "../messages/handshake.ts";
import { spinMaxOutstanding } from "../time/bounded-spin.ts";
import { Answers } from "./answers.ts";
import { RequestHandler } from "./request-handler.ts";
import type { ServerConnectionOptions } from "./server-connection-options.ts";
import { settingsFor } from "./server-limits.ts";
import { type SessionCaller, SessionRefusal } from "./session-caller.ts";
import { sessionEnds } from "./session-ends.ts";
import { Uploads } from "./uploads.ts";

/**
 * The server's end of one session.
 *
 * Immediate answers leave with the batch of their requests. Later answers are gathered per turn. Memory is bounded on
 * every side. While the client does not read, or too many bytes wait for the service, the session is not read any
 * further. Requests in parts need room in the account of the token. Large values wait for room before they are read.
 * Streams send on credit. A session whose client takes no answers is ended. A client that breaks the protocol gets the
 * reason and is disconnected.
 */

/** How long the client may take to read the reason of the end, in milliseconds. */
const farewellMs = 2000;
/** The same for one whose token has ended: what was handed to its connection before must not flow on for long. */
const revokedFarewellMs = 600;
const countedStepBytes = 256 * 1024;

/** Drives a service for one client. */
export class ServerConnection implements ConnectionOwner {
  readonly #options: ServerConnectionOptions<ServerConnection>;
  readonly #connection: FrameConnection;
  readonly #writeBuffer: WriteBuffer;
  readonly #answers: Answers;
  #memory: ConnectionMemory | undefined;
  #uploads: Uploads | undefined;
  #caller: SessionCaller | undefined;
  #handler: RequestHandler | undefined;
  #isReading = true;
  #isDraining = false;
  #pendingBytes = 0;
  /** What of them the account of the token knows. */
  #countedBytes = 0;
  readonly #progress = new StallClock();
  /** Whether the client asked that the server waits actively for its next requests. */
  #lowLatency = false;
  /** Whether it does, as long as they come few at a time. */
  #mayContinue = false;
  #requestsInBatch = 0;

  constructor(options: ServerConnectionOptions<ServerConnection>) {
    this.#options = options;
    this.#caller = options.caller;
    const onRelief = () => this.#onRelief();
    const own = { frameMaxBytes: helloMaxBytes, pingsMax: 2, onRelief };
    this.#connection = new FrameConnection({ ...options, ...own }, this);
    this.#writeBuffer = this.#connection.writeBuffer;
    this.#answers = new Answers(this.#writeBuffer, options.onDefect, this.#onAnswerTaken);
    this.#connection.start(options.limits.helloTimeoutMs, true);
  }

  /** To be called once in `clientStallMs`: what does not get on because of the client is ended. */
  checkProgress(): void {
    if (this.#connection.isOver) return;
    const { sends } = this.#connection;
    this.#uploads?.checkProgress();
    if (!this.#writeBuffer.isUnsent) this.#progress.restart(sends);
    if (!this.#progress.standsStill(sends, 1)) return;
    this.#memory?.token.account.noteStalled();
    this.end(sessionEnds.answersNotTaken());
  }

  /** Announces that the server is stopping. What arrives is still answered, until the client ends the session. */
  goodbye(): void {
    if (this.#connection.isOver || this.#isDraining) return;
    this.#isDraining = true;
    this.#writeGoodbye(createError("unavailable", "the server is stopping"));
    this.#writeBuffer.flush();
  }

  /** Tells the client why, and ends the session. */
  end(error: EverdictError, patienceMs = farewellMs): void {
    if (this.#connection.isOver) return;
    const { carrier, timers } = this.#options;
    this.#writeGoodbye(error);
    this.#finish(error, "close");
    timers.set(() => carrier.destroy(), patienceMs, true);
  }

  /**
   * Ends the session if its caller may not go on: with `unauthenticated`, and without what it still had to send.
   *
   * @returns whether it goes on.
   */
  checkCaller(): boolean {
    if (this.#connection.isOver || this.#caller?.isValid() !== false) return true;
    // What is given up gets no answer of its own: the session's end is the answer to everything.
    this.#handler?.close();
    this.#writeBuffer.discard();
    this.end(sessionEnds.tokenNotValid(), revokedFarewellMs);
    return false;
  }

  // ---- Arriving ----

  onBytes(): boolean {
    if (!this.checkCaller()) return false;
    this.#requestsInBatch = 0;
    this.#writeBuffer.cork();
    return true;
  }

  onFrame(type: number, id: number, source: ByteSource, partsBytes: number): void {
    const handler = this.#handler;
    if (handler === undefined) this.#onHello(type, source);
    else if (type >= requestTypes.first && type <= requestTypes.last) {
      this.#requestsInBatch++;
      handler.handle(type, id, source, partsBytes);
    } else this.#onControl(handler, type, id, source);
    if (!this.#isReading || this.#mayRead()) return;
    this.#isReading = false;
    this.#connection.pause();
  }

  /** Sends what was answered at once in batches. */
  onTaken(): void {
    this.#writeBuffer.uncork();
    if (!this.#lowLatency || this.#requestsInBatch === 0) return;
    this.#mayContinue = this.#requestsInBatch <= spinMaxOutstanding;
    if (this.#mayContinue) this.#options.spin?.served();
  }

  onBroken(caught: unknown): void {
    if (!(caught instanceof SessionProtocolError)) this.#options.onDefect(caught);
    this.end(sessionEnds.broken(caught));
  }

  #onControl(handler: RequestHandler, type: number, id: number, source: ByteSource): void {
    switch (type) {
      case FrameType.dict:
        handler.bindDict(id, source);
        return;
      case FrameType.credit:
        handler.grant(id, source.u32());
        return;
      case FrameType.cancel:
        if (this.#uploads?.cancel(id) !== true) handler.cancel(id);
        return;
      case FrameType.settled:
        handler.settle(source);
        return;
      case FrameType.goodbye:
        return;
      default:
        this.#connection.onControl(type, id, source);
    }
  }

  #onHello(type: number, source: ByteSource): void {
    if (type !== FrameType.hello) throw new SessionProtocolError("the first frame is not a HELLO");
    const { limits, authorize, agent, spin } = this.#options;
    const hello = readHello(source);
    if (hello.minVersion > sessionVersion || hello.maxVersion < sessionVersion) {
      this.end(sessionEnds.noCommonVersion(hello));
      return;
    }
    const given = hello.tokenId === "" ? this.#caller : undefined;
    const caller = given ?? authorize(hello.tokenId, hello.tokenSecret);
    if (caller === undefined || caller instanceof SessionRefusal) return void this.#refuse(caller);
    this.#caller = caller;
    this.#lowLatency = spin !== undefined && hello.settings.get(Setting.lowLatency) === 1;
    this.#begin(caller, hello);
    const welcome = { version: sessionVersion, agent, settings: settingsFor(limits, caller.role) };
    writeWelcome(this.#writeBuffer.begin(FrameType.welcome, 0, welcomeRoom(welcome)), welcome);
    this.#writeBuffer.end();
  }

  #refuse(refusal = new SessionRefusal()): void {
    this.#connection.pause();
    refusal.whenDue(this.#options.timers, () => this.end(sessionEnds.tokenNotValid()));
  }

  #begin(caller: SessionCaller, { clientId, settings }: Hello): void {
    const { limits, spin, fetchTurns, timers, memory: ownMemory } = this.#options;
    const memory = new ConnectionMemory(caller.memory ?? ownMemory);
    const uploads = new Uploads(limits, memory, this.#answers);
    this.#connection.opened(settings, limits, uploads);
    this.#memory = memory;
    this.#uploads = uploads;
    this.#answers.memory = memory;
    const idText = Array.from(clientId, (byte) => byte.toString(16).padStart(2, "0")).join("");
    this.#handler = new RequestHandler({
      service: caller.service,
      writeBuffer: this.#writeBuffer,
      answers: this.#answers,
      memory,
      fetchTurns,
      timers,
      keyPrefix: `${idText}-`,
      requestMaxEntries: limits.requestMaxEntries,
      requestsMax: limits.requestsMax,
      streamsMax: limits.streamsMax,
      dictNumbersMax: limits.dictNumbersMax,
      onPending: (requestBytes) => {
        this.#pendingChanged(requestBytes);
        spin?.pendingAdded();
      },
      onAnswered: (requestBytes, partsBytes) => this.#onAnswered(requestBytes, partsBytes),
      onPartsDone: (partsBytes) => uploads.done(partsBytes),
    });
  }

  #onAnswered(requestBytes: number, partsBytes: number): void {
    this.#pendingChanged(-requestBytes);
    this.#options.spin?.pendingRemoved(this.#mayContinue);
    if (partsBytes > 0) this.#uploads!.done(partsBytes);
    if (!this.#isReading) this.#resumeReading();
  }

  /** The account is told when it has become much: to tell it of each request could be measured. */
  #pendingChanged(bytes: number): void {
    this.#pendingBytes += bytes;
    const uncountedBytes = this.#pendingBytes - this.#countedBytes;
    if (uncountedBytes < countedStepBytes && -uncountedBytes < countedStepBytes) return;
    this.#countedBytes = this.#pendingBytes;
    this.#memory!.change("pending", uncountedBytes);
  }

  // ---- Holding back ----

  #mayRead(): boolean {
    if (this.#writeBuffer.backedUp || this.#memory?.mustWait === true) return false;
    if (this.#pendingBytes > this.#options.limits.pendingMaxBytes) return false;
    return this.#pendingBytes <= smallRequestMaxBytes || this.#memory?.token.isPendingFull !== true;
  }

  #resumeReading(): void {
    if (this.#connection.isOver || !this.#mayRead()) return;
    this.#isReading = true;
    this.#connection.resume();
  }

  readonly #onAnswerTaken = (): void => {
    if (this.#isReading || this.#connection.isOver) return;
    this.#options.atEndOfTurn(() => this.#resumeReading());
  };

  #onRelief(): void {
    this.#handler?.wakeStreams();
    if (!this.#isReading) this.#resumeReading();
  }

  // ---- The end ----

  expectsSigns(): boolean {
    // A client that we do not read cannot give a sign of life.
    return this.#isReading || this.#writeBuffer.backedUp;
  }

  onSilence(): void {
    const { helloTimeoutMs } = this.#options.limits;
    this.end(this.#handler === undefined ? sessionEnds.noHello(helloTimeoutMs) : sessionEnds.noSignOfLife());
  }

  onLost(): void {
    this.#finish(undefined, "destroy");
  }

  #writeGoodbye(error: EverdictError): void {
    writeError(this.#writeBuffer.begin(FrameType.goodbye, 0, errorRoom(error)), error);
    this.#writeBuffer.end();
  }

  #finish(error: EverdictError | undefined, how: "close" | "destroy"): void {
    this.#connection.end(how);
    this.#mayContinue = false;
    this.#handler?.close();
    this.#uploads?.close();
    this.#memory?.forgetReads(this.#memory, createError("cancelled", "the session is over"));
    this.#options.onEnd(this, error);
  }
}
