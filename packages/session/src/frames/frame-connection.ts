import type { Timers } from "@everdict/protocol";
import { readU32 } from "./byte-sink.ts";
import { ByteSource } from "./byte-source.ts";
import { FrameSplitter } from "./frame-splitter.ts";
import type { Assembly } from "./part-assembly.ts";
import { SessionProtocolError } from "./session-protocol-error.ts";
import { FrameType, firstSkippableType, headBytes } from "./wire.ts";
import { WriteBuffer, type WriteBufferOptions } from "./write-buffer.ts";

/**
 * A connection of frames: what both ends of a session have in common.
 *
 * It splits the arriving bytes into frames, puts messages in parts together, and sends and answers pings. The owner of
 * the connection decides what a frame means, and what is said when the session ends.
 */

/** Messages that arrive in parts. Both methods return the message once it is complete. */
export interface IncomingParts {
  /** The first part came, of a message that will have this many bytes. */
  begin(id: number, type: number, totalBytes: number, source: ByteSource): Assembly | undefined;
  /** Another part came. */
  add(id: number, source: ByteSource): Assembly | undefined;
}

/** One end of a session, which owns a connection. It ends the connection by itself. */
export interface ConnectionOwner {
  /** Bytes came. @returns whether they are taken. Default: they are. */
  onBytes?(): boolean;
  /** A frame, or a message of so many bytes that came in parts; of a frame 0. */
  onFrame(type: number, id: number, source: ByteSource, partsBytes: number): void;
  /** All frames that came were taken. */
  onTaken(): void;
  /** Whether silence means anything at present. */
  expectsSigns(): boolean;
  /** The other side has not opened the session in time, or gives no sign of life. */
  onSilence(): void;
  /** The other side broke the protocol, or there is a defect. */
  onBroken(caught: unknown): void;
  /** The carrier is over. */
  onLost(cause: unknown): void;
}

/** What a connection is made of. */
export interface FrameConnectionOptions extends WriteBufferOptions {
  readonly timers: Timers;
  /** The longest frame that is read until the session is open. */
  readonly frameMaxBytes: number;
  /** After more pings than that without a sign of life the other side counts as gone. */
  readonly pingsMax: number;
}

/** A carrier with frames on it. */
export class FrameConnection {
  readonly writeBuffer: WriteBuffer;
  /** How often the carrier was done with something. */
  sends = 0;
  isOver = false;
  readonly #options: FrameConnectionOptions;
  readonly #owner: ConnectionOwner;
  readonly #splitter: FrameSplitter;
  readonly #source = new ByteSource();
  #parts: IncomingParts | undefined;
  #heard = false;
  #quietTicks = 0;
  #timer: unknown;

  constructor(options: FrameConnectionOptions, owner: ConnectionOwner) {
    this.#options = options;
    this.#owner = owner;
    this.writeBuffer = new WriteBuffer(options);
    this.#splitter = new FrameSplitter(options.frameMaxBytes, (bytes, from, to) => {
      // A frame that ended the connection may have others behind it.
      if (this.isOver) return;
      owner.onFrame(
        bytes[from]!,
        readU32(bytes, from + 1),
        this.#source.reset(bytes, from + headBytes, to),
        0,
      );
    });
  }

  /**
   * The other side has this long to open the session, in milliseconds.
   *
   * @param isBackground whether the wait alone must not keep the process alive
   */
  start(openTimeoutMs: number, isBackground: boolean): void {
    const { carrier, timers } = this.#options;
    this.#timer = timers.set(() => this.#owner.onSilence(), openTimeoutMs, isBackground);
    carrier.start({
      onData: (bytes) => {
        this.#heard = true;
        if (!this.isOver) this.#take(bytes);
      },
      onSent: () => {
        // So slow that it is given nothing new, but it takes what is sent: a sign of life.
        if (this.writeBuffer.backedUp) this.#heard = true;
        this.sends++;
        this.writeBuffer.onSent();
      },
      onClose: (cause) => {
        if (!this.isOver) this.#owner.onLost(cause);
      },
    });
  }

  /** The session is open. From now on silence means something. */
  opened(
    /** What the other side said of itself. */
    settings: ReadonlyMap<number, number>,
    own: { readonly frameMaxBytes: number; readonly pingIntervalMs: number },
    parts: IncomingParts,
  ): void {
    this.writeBuffer.limit(settings);
    this.#splitter.frameMaxBytes = own.frameMaxBytes;
    this.#parts = parts;
    this.#options.timers.clear(this.#timer);
    this.#pingAfter(own.pingIntervalMs);
  }

  /** Takes no further frame until `resume`. */
  pause(): void {
    this.#splitter.stop();
    this.#options.carrier.pause();
  }

  /** Goes on, with what is held first. */
  resume(): void {
    this.#options.carrier.resume();
    this.#take(undefined);
  }

  /** A frame that means the same at both ends. */
  onControl(type: number, id: number, source: ByteSource): void {
    switch (type) {
      case FrameType.ping:
        this.writeBuffer.bare(FrameType.pong, id);
        return;
      case FrameType.firstPart:
        this.#onMessage(this.#parts?.begin(id, source.u8(), source.u32(), source));
        return;
      case FrameType.part:
        this.#onMessage(this.#parts?.add(id, source));
        return;
      case FrameType.pong:
        return;
      default:
        if (type < firstSkippableType) throw new SessionProtocolError(`a frame of type ${type}`);
    }
  }

  /** Ends it. What was written still goes if the carrier is closed, not destroyed. */
  end(how: "close" | "destroy"): void {
    this.isOver = true;
    this.#options.timers.clear(this.#timer);
    this.writeBuffer.close();
    this.#splitter.clear();
    this.#options.carrier[how]();
  }

  /** Takes the frames in what came, or else in what is held. */
  #take(bytes: Uint8Array | undefined): void {
    if (this.#owner.onBytes?.() === false) return;
    try {
      if (bytes === undefined) this.#splitter.proceed();
      else this.#splitter.push(bytes);
    } catch (caught) {
      this.#owner.onBroken(caught);
      return;
    }
    if (!this.isOver) this.#owner.onTaken();
  }

  #onMessage(complete: Assembly | undefined): void {
    if (complete === undefined) return;
    const { type, id, bytes } = complete;
    this.#owner.onFrame(type, id, this.#source.reset(bytes, 0, bytes.length), bytes.length);
  }

  #pingAfter(intervalMs: number): void {
    const onTick = () => {
      this.#quietTicks = this.#heard || !this.#owner.expectsSigns() ? 0 : this.#quietTicks + 1;
      this.#heard = false;
      if (this.#quietTicks > this.#options.pingsMax) {
        this.#owner.onSilence();
        return;
      }
      if (this.#quietTicks > 0) this.writeBuffer.bare(FrameType.ping, 0);
      this.#pingAfter(intervalMs);
    };
    this.#timer = this.#options.timers.set(onTick, intervalMs, true);
  }
}
