import { type ConnectionMemory, createError, EverdictError } from "@everdict/protocol";
import { PieceSink } from "../frames/piece-sink.ts";
import { FrameType } from "../frames/wire.ts";
import { totalLength, type WriteBuffer } from "../frames/write-buffer.ts";
import { errorRoom, writeError } from "../messages/error-message.ts";
import type { Codec } from "../messages/info-messages.ts";

/** Writes the answers of one session. */
export class Answers {
  /** What the session holds. Absent until it is known whose it is. */
  memory: ConnectionMemory | undefined;
  readonly #writeBuffer: WriteBuffer;
  readonly #onDefect: (caught: unknown) => void;
  readonly #onTaken: () => void;

  /**
   * @param onDefect told of what is no error of the table; the client learns only that there was one.
   * @param onTaken told when a large answer has left.
   */
  constructor(writeBuffer: WriteBuffer, onDefect: (caught: unknown) => void, onTaken: () => void) {
    this.#writeBuffer = writeBuffer;
    this.#onDefect = onDefect;
    this.#onTaken = onTaken;
  }

  /** A call without an answer was done, or a stream has ended. */
  done(id: number): void {
    this.#writeBuffer.bare(FrameType.done, id);
  }

  /** A value, or its absence. A large one goes in parts, from where it is. */
  value(id: number, value: Uint8Array | undefined): void {
    const writeBuffer = this.#writeBuffer;
    if (value === undefined) {
      writeBuffer.bare(FrameType.absent, id);
    } else if (value.length <= writeBuffer.wholeMaxBytes) {
      writeBuffer.begin(FrameType.value, id, value.length).raw(value);
      writeBuffer.end();
    } else {
      this.#large(FrameType.value, id, [value]);
    }
  }

  flag(id: number, value: boolean): void {
    this.#writeBuffer.begin(FrameType.flag, id, 1).u8(value ? 1 : 0);
    this.#writeBuffer.end();
  }

  count(id: number, value: number): void {
    this.#writeBuffer.begin(FrameType.count, id, 8).u64(value);
    this.#writeBuffer.end();
  }

  content<T>(type: number, id: number, codec: Codec<T>, content: T): void {
    const writeBuffer = this.#writeBuffer;
    const room = codec.room(content);
    if (room <= writeBuffer.wholeMaxBytes) {
      codec.write(writeBuffer.begin(type, id, room), content);
      writeBuffer.end();
      return;
    }
    const sink = new PieceSink(room, codec.raws?.(content) ?? []);
    codec.write(sink, content);
    this.#large(type, id, sink.pieces());
  }

  /** An answer that counts until it has left. */
  #large(type: number, id: number, pieces: readonly Uint8Array[]): void {
    const { memory } = this;
    const bytes = totalLength(pieces);
    memory?.change("answers", bytes);
    this.parts(type, id, pieces, bytes, () => {
      memory?.change("answers", -bytes);
      this.#onTaken();
    });
  }

  /**
   * A large message, or an error if the client does not read so much. `onOver` is called in any case. Does not count:
   * the caller does.
   */
  parts(
    type: number,
    id: number,
    pieces: readonly Uint8Array[],
    totalBytes: number,
    onOver?: (sent: boolean) => void,
  ): void {
    const { messageMaxBytes } = this.#writeBuffer;
    if (totalBytes <= messageMaxBytes) {
      this.#writeBuffer.transfer({ type, id, pieces, totalBytes, onOver });
      return;
    }
    const message = `the answer takes ${totalBytes} bytes, the client reads ${messageMaxBytes}`;
    this.error(id, createError("request_too_large", message));
    onOver?.(false);
  }

  error(id: number, caught: unknown): void {
    const error = caught instanceof EverdictError ? caught : this.#defect(caught);
    writeError(this.#writeBuffer.begin(FrameType.error, id, errorRoom(error)), error);
    this.#writeBuffer.end();
  }

  #defect(caught: unknown): EverdictError {
    this.#onDefect(caught);
    return createError("internal", "the server met a defect; its log has more");
  }
}
