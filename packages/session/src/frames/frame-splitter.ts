import { readU32 } from "./byte-sink.ts";
import { SessionProtocolError } from "./session-protocol-error.ts";
import { headBytes, lengthBytes } from "./wire.ts";

/** Takes one frame: type and id begin at `start`, the frame ends at `end`. */
export type FrameHandler = (bytes: Uint8Array, start: number, end: number) => void;

/**
 * Cuts a stream of bytes into frames.
 *
 * It passes frames on in place, without a copy, so the arriving bytes must not change. Only a frame that arrives in
 * pieces is put together in memory of its own. A frame that declares a length over the limit is refused before any of
 * it is kept. The consumer can stop the flow between two frames.
 */
export class FrameSplitter {
  /** The longest frame, the length field not counted. */
  frameMaxBytes: number;
  readonly #onFrame: FrameHandler;
  /** A frame of which a part has arrived. Four bytes long until its length is known. */
  #partial: Uint8Array | undefined;
  #partialBytes = 0;
  /** What arrived while stopped. */
  #held: Uint8Array[] = [];
  #stopped = false;
  #working = false;

  constructor(frameMaxBytes: number, onFrame: FrameHandler) {
    this.frameMaxBytes = frameMaxBytes;
    this.#onFrame = onFrame;
  }

  /** @throws SessionProtocolError if the bytes cannot be frames; and what the handler throws. */
  push(bytes: Uint8Array): void {
    if (this.#stopped || this.#working || this.#held.length > 0) {
      this.#held.push(bytes);
      return;
    }
    this.#work(bytes);
  }

  /** Hands on no further frame until `proceed`. */
  stop(): void {
    this.#stopped = true;
  }

  /** Goes on with what was held. @throws like `push` */
  proceed(): void {
    this.#stopped = false;
    if (this.#working) return;
    while (this.#held.length > 0 && !this.#stopped) this.#work(this.#held.shift()!);
  }

  /** Forgets everything. */
  clear(): void {
    this.#held = [];
    this.#partial = undefined;
    this.#partialBytes = 0;
  }

  #work(bytes: Uint8Array): void {
    this.#working = true;
    try {
      let position = this.#partialBytes > 0 ? this.#complete(bytes) : 0;
      while (!this.#stopped && bytes.length - position >= lengthBytes) {
        const end = position + lengthBytes + this.#checkedLength(bytes, position);
        if (end > bytes.length) break;
        const start = position + lengthBytes;
        position = end;
        this.#onFrame(bytes, start, end);
      }
      if (position === bytes.length) return;
      if (this.#stopped) this.#held.unshift(bytes.subarray(position));
      else this.#keep(bytes, position);
    } finally {
      this.#working = false;
    }
  }

  #keep(bytes: Uint8Array, position: number): void {
    const left = bytes.length - position;
    const size = left < lengthBytes ? lengthBytes : lengthBytes + readU32(bytes, position);
    this.#partial = new Uint8Array(size);
    this.#partial.set(bytes.subarray(position));
    this.#partialBytes = left;
  }

  /** Adds to the frame that has begun. Answers how many bytes belonged to it. */
  #complete(bytes: Uint8Array): number {
    let taken = 0;
    if (this.#partialBytes < lengthBytes) {
      taken = this.#fill(bytes, 0, lengthBytes);
      if (this.#partialBytes < lengthBytes) return taken;
      const head = this.#partial!;
      this.#partial = new Uint8Array(lengthBytes + this.#checkedLength(head, 0));
      this.#partial.set(head);
    }
    const frame = this.#partial!;
    taken = this.#fill(bytes, taken, frame.length);
    if (this.#partialBytes < frame.length) return taken;
    this.#partial = undefined;
    this.#partialBytes = 0;
    this.#onFrame(frame, lengthBytes, frame.length);
    return taken;
  }

  /** Copies from `position` on until the frame has `until` bytes. Answers where it stopped reading. */
  #fill(bytes: Uint8Array, position: number, until: number): number {
    const end = Math.min(bytes.length, position + until - this.#partialBytes);
    this.#partial!.set(bytes.subarray(position, end), this.#partialBytes);
    this.#partialBytes += end - position;
    return end;
  }

  #checkedLength(bytes: Uint8Array, position: number): number {
    const length = readU32(bytes, position);
    if (length >= headBytes && length <= this.frameMaxBytes) return length;
    throw new SessionProtocolError(
      `a frame of ${length} bytes; it must be from ${headBytes} to ${this.frameMaxBytes}`,
    );
  }
}
