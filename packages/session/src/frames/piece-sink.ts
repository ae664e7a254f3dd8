import { ByteSink } from "./byte-sink.ts";
import { totalLength } from "./write-buffer.ts";

/** Bytes from this size on are sent from where they are; smaller ones are copied together. */
const pieceMinBytes = 16_384;

/** Writes a message in pieces: what is large is not copied, and must stay as it is until it was sent. */
export class PieceSink extends ByteSink {
  readonly #pieces: Uint8Array[] = [];
  #cutAt = 0;

  /**
   * @param room - what the whole message may take
   * @param raws - what of it will be written by `raw` and may be large
   */
  constructor(room: number, raws: readonly Uint8Array[]) {
    super(new Uint8Array(room - totalLength(raws.filter(isPiece))));
  }

  override raw(source: Uint8Array): void {
    if (!isPiece(source)) {
      super.raw(source);
      return;
    }
    this.#cut();
    this.#pieces.push(source);
  }

  /** The message. */
  pieces(): readonly Uint8Array[] {
    this.#cut();
    return this.#pieces;
  }

  #cut(): void {
    if (this.position === this.#cutAt) return;
    this.#pieces.push(this.bytes.subarray(this.#cutAt, this.position));
    this.#cutAt = this.position;
  }
}

function isPiece(bytes: Uint8Array): boolean {
  return bytes.length >= pieceMinBytes;
}
