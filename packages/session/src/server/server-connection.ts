import {
  ConnectionMemory,
  createError,
  type EverdictError,
  StallClock,
  smallRequestMaxBytes,
} from "@everdict/protocol";
import type { Carrier } from "../carriers/carrier.ts";
import { readU32 } from "../frames/byte-sink.ts";
import { ByteSource } from "../frames/byte-source.ts";
import { FrameCutter } from "../frames/frame-cutter.ts";
import { Outbox } from "../frames/outbox.ts";
import type { Assembly } from "../frames/part-assembly.ts";
import { SessionProtocolError } from "../frames/session-protocol-error.ts";
import {
  FrameType,
  firstSkippableType,
  frameMinMaxBytes,
  headBytes,
  helloMaxBytes,
  requestTypes,
  Setting,
  sessionVersion,
} from "../frames/wire.ts";
import { errorRoom, writeError } from "../messages/error-message.ts";
import { readHello, welcomeRoom, writeWelcome } from "../messages/handshake.ts";
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
 * Answers that are there at once leave with the batch of the requests they belong to; those that come later are
 * gathered per turn. Memory is bounded on every side: while the client does not read, or too many bytes wait for
 * the service, the session is not read any further; requests in parts need room in the account of its token; large
 * values wait for room before they are read; streams send on credit. A client that does not take what is sent is
 * ended. A client that breaks the protocol is told what was wrong and disconnected.
 */

/** How long the client may take to read the reason of the end, in milliseconds. */
const farewellMs = 2000;
/** The same for one whose token has ended: what was handed to its connection before must not flow on for long. */
const revokedFarewellMs = 600;
const quietTicksMax = 2;
const countedStepBytes = 256 * 1024;

/** Drives a service for one client. */
export class ServerConnection {
  readonly #options: ServerConnectionOptions;
  readonly #carrier: Carrier;
  readonly #outbox: Outbox;
  readonly #answers: Answers;
  readonly #cutter: FrameCutter;
  readonly #source = new ByteSource();
  #memory: ConnectionMemory | undefined;
  #uploads: Uploads | undefined;
  #caller: SessionCaller | undefined;
  #handler: RequestHandler | undefined;
  #isOver = false;
  #isReading = true;
  #isDraining = false;
  #pendingBytes = 0;
  /** What of them the account of the token knows. */
  #countedBytes = 0;
  /** How often the carrier was done with something. */
  #sends = 0;
  readonly #progress = new StallClock();
  /** Whether the client asked that the server waits actively for its next requests. */
  #lowLatency = false;
  /** Whether it does, as long as they come few at a time. */
  #mayContinue = false;
  #requestsInBatch = 0;
  #heard = false;
  #quietTicks = 0;
  #timer: unknown;

  constructor(options: ServerConnectionOptions) {
    const { carrier, atEndOfTurn, limits, timers } = options;
    this.#options = options;
    this.#carrier = carrier;
    this.#caller = options.caller;
    this.#outbox = new Outbox({ carrier, atEndOfTurn, onRelief: () => this.#onRelief() });
    this.#answers = new Answers(this.#outbox, options.onDefect, this.#onTaken);
    this.#cutter = new FrameCutter(helloMaxBytes, (bytes, start, end) => this.#onFrame(bytes, start, end));
    this.#timer = timers.set(() => this.#onHelloTimeout(), limits.helloTimeoutMs, true);
    carrier.start({
      onData: (bytes) => this.#onData(bytes),
      onSent: () => this.#onSent(),
      onClose: () => this.#finish(undefined),
    });
  }

  /** To be called once in `clientStallMs`: what does not get on because of the client is ended. */
  checkProgress(): void {
    if (this.#isOver) return;
    this.#uploads?.checkProgress();
    if (!this.#outbox.isUnsent) this.#progress.restart(this.#sends);
    if (!this.#progress.standsStill(this.#sends, 1)) return;
    this.#memory?.token.account.noteStalled();
    this.end(sessionEnds.answersNotTaken());
  }

  /** Announces that the server is stopping. What arrives is still answered, until the client ends the session. */
  goodbye(): void {
    if (this.#isOver || this.#isDraining) return;
    this.#isDraining = true;
    this.#writeGoodbye(createError("unavailable", "the server is stopping"));
    this.#outbox.flush();
  }

  /** Tells the client why, and ends the session. */
  end(error: EverdictError, patienceMs = farewellMs): void {
    if (this.#isOver) return;
    this.#writeGoodbye(error);
    this.#outbox.flushLast();
    const { timers } = this.#options;
    this.#finish(error);
    this.#carrier.close();
    timers.set(() => this.#carrier.destroy(), patienceMs, true);
  }

  /**
   * Ends the session if its caller may not go on: with `unauthenticated`, and without what it still had to send.
   *
   * @returns whether it goes on.
   */
  checkCaller(): boolean {
    if (this.#isOver || this.#caller?.isValid() !== false) return true;
    // What is given up gets no answer of its own: the session's end is the answer to everything.
    this.#handler?.close();
    this.#outbox.discard();
    this.end(sessionEnds.tokenNotValid(), revokedFarewellMs);
    return false;
  }

  // ---- Arriving ----

  #onData(bytes: Uint8Array): void {
    if (this.#isOver) return;
    this.#heard = true;
    if (!this.checkCaller()) return;
    this.#work(() => this.#cutter.push(bytes));
  }

  /** Takes frames, and sends what was answered at once in batches. */
  #work(take: () => void): void {
    this.#requestsInBatch = 0;
    this.#outbox.cork();
    try {
      take();
    } catch (caught) {
      if (!(caught instanceof SessionProtocolError)) this.#options.onDefect(caught);
      this.end(sessionEnds.broken(caught));
      return;
    }
    if (this.#isOver) return;
    this.#outbox.uncork();
    if (!this.#lowLatency || this.#requestsInBatch === 0) return;
    this.#mayContinue = this.#requestsInBatch <= spinMaxOutstanding;
    if (this.#mayContinue) this.#options.spin?.served();
  }

  #onFrame(bytes: Uint8Array, start: number, end: number): void {
    // A frame that ended the session may have others behind it.
    if (this.#isOver) return;
    const type = bytes[start]!;
    const id = readU32(bytes, start + 1);
    const source = this.#source.reset(bytes, start + headBytes, end);
    const handler = this.#handler;
    if (handler === undefined) this.#onHello(type, source);
    else if (type >= requestTypes.first && type <= requestTypes.last) {
      this.#requestsInBatch++;
      handler.handle(type, id, source, 0);
    } else this.#onControl(handler, type, id, source);
    if (this.#isReading && !this.#mayRead()) this.#pauseReading();
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
      case FrameType.firstPart:
        this.#onMessage(handler, this.#uploads?.begin(id, source));
        return;
      case FrameType.part:
        this.#onMessage(handler, this.#uploads?.add(id, source));
        return;
      case FrameType.settled:
        handler.settle(source);
        return;
      case FrameType.ping:
        this.#outbox.bare(FrameType.pong, id);
        return;
      case FrameType.pong:
      case FrameType.goodbye:
        return;
      default:
        if (type < firstSkippableType) throw new SessionProtocolError(`a frame of type ${type}`);
    }
  }

  #onHello(type: number, source: ByteSource): void {
    if (type !== FrameType.hello) throw new SessionProtocolError("the first frame is not a HELLO");
    const { limits, timers, authorize, agent, spin } = this.#options;
    const hello = readHello(source);
    if (hello.minVersion > sessionVersion || hello.maxVersion < sessionVersion) {
      this.end(sessionEnds.noCommonVersion(hello));
      return;
    }
    const given = hello.tokenId === "" ? this.#caller : undefined;
    const caller = given ?? authorize(hello.tokenId, hello.tokenSecret);
    if (caller === undefined || caller instanceof SessionRefusal) return void this.#refuse(caller);
    this.#caller = caller;
    this.#outbox.limitFrames(Math.max(frameMinMaxBytes, hello.settings.get(Setting.frameMaxBytes) ?? 0));
    this.#answers.messageMaxBytes = hello.settings.get(Setting.messageMaxBytes) ?? frameMinMaxBytes;
    this.#lowLatency = spin !== undefined && hello.settings.get(Setting.lowLatency) === 1;
    this.#cutter.frameMaxBytes = limits.frameMaxBytes;
    this.#handler = this.#newHandler(caller, hello.clientId);
    timers.clear(this.#timer);
    this.#schedulePing();
    const welcome = { version: sessionVersion, agent, settings: settingsFor(limits) };
    writeWelcome(this.#outbox.begin(FrameType.welcome, 0, welcomeRoom(welcome)), welcome);
    this.#outbox.end();
  }

  #refuse(refusal = new SessionRefusal()): void {
    this.#cutter.stop();
    this.#carrier.pause();
    refusal.whenDue(this.#options.timers, () => this.end(sessionEnds.tokenNotValid()));
  }

  #newHandler(caller: SessionCaller, clientId: Uint8Array): RequestHandler {
    const { limits, spin, fetchTurns, memory: ownMemory } = this.#options;
    const memory = new ConnectionMemory(caller.memory ?? ownMemory);
    const uploads = new Uploads(limits, memory, this.#answers);
    this.#memory = memory;
    this.#uploads = uploads;
    this.#answers.memory = memory;
    const idText = Array.from(clientId, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return new RequestHandler({
      service: caller.service,
      outbox: this.#outbox,
      answers: this.#answers,
      memory,
      fetchTurns,
      keyPrefix: `${idText}-`,
      requestMaxEntries: limits.requestMaxEntries,
      requestsMax: limits.requestsMax,
      streamsMax: limits.streamsMax,
      dictNumbersMax: limits.dictNumbersMax,
      onPending: (requestBytes) => {
        this.#pendingChanged(requestBytes);
        spin?.pendingAdded();
      },
      onSettled: (requestBytes, partsBytes) => this.#onSettled(requestBytes, partsBytes),
      onPartsDone: (partsBytes) => uploads.done(partsBytes),
    });
  }

  #onMessage(handler: RequestHandler, complete: Assembly | undefined): void {
    if (complete === undefined) return;
    const { type, id, bytes } = complete;
    this.#requestsInBatch++;
    handler.handle(type, id, this.#source.reset(bytes, 0, bytes.length), bytes.length);
  }

  #onSettled(requestBytes: number, partsBytes: number): void {
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
    if (this.#outbox.backedUp || this.#memory?.mustWait === true) return false;
    if (this.#pendingBytes > this.#options.limits.pendingMaxBytes) return false;
    return this.#pendingBytes <= smallRequestMaxBytes || this.#memory?.token.isPendingFull !== true;
  }

  #pauseReading(): void {
    this.#isReading = false;
    this.#cutter.stop();
    this.#carrier.pause();
  }

  #resumeReading(): void {
    if (this.#isOver || !this.#mayRead()) return;
    this.#isReading = true;
    this.#carrier.resume();
    this.#work(() => this.#cutter.proceed());
  }

  readonly #onTaken = (): void => {
    if (this.#isReading || this.#isOver) return;
    this.#options.atEndOfTurn(() => this.#resumeReading());
  };

  #onRelief(): void {
    this.#handler?.wakeStreams();
    if (!this.#isReading) this.#resumeReading();
  }

  #onSent(): void {
    // So slow that it is not read, but it takes what is sent: a sign of life.
    if (this.#outbox.backedUp) this.#heard = true;
    this.#sends++;
    this.#outbox.onSent();
  }

  // ---- Time ----

  #onHelloTimeout(): void {
    this.end(sessionEnds.noHello(this.#options.limits.helloTimeoutMs));
  }

  #schedulePing(): void {
    const { timers, limits } = this.#options;
    this.#timer = timers.set(() => this.#onPingTick(), limits.pingIntervalMs, true);
  }

  #onPingTick(): void {
    // Whoever is not read because of us cannot give a sign of life.
    const mayBeHeard = this.#isReading || this.#outbox.backedUp;
    this.#quietTicks = this.#heard || !mayBeHeard ? 0 : this.#quietTicks + 1;
    this.#heard = false;
    if (this.#quietTicks > quietTicksMax) {
      this.end(sessionEnds.noSignOfLife());
      return;
    }
    if (this.#quietTicks > 0) this.#outbox.bare(FrameType.ping, 0);
    this.#schedulePing();
  }

  // ---- The end ----

  #writeGoodbye(error: EverdictError): void {
    writeError(this.#outbox.begin(FrameType.goodbye, 0, errorRoom(error)), error);
    this.#outbox.end();
  }

  #finish(error: EverdictError | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#mayContinue = false;
    this.#options.timers.clear(this.#timer);
    this.#handler?.close();
    this.#outbox.close();
    this.#cutter.clear();
    this.#uploads?.close();
    this.#memory?.forgetReads(this.#memory, createError("cancelled", "the session is over"));
    this.#options.onEnd(this, error);
  }
}
