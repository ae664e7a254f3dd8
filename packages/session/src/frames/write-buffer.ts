import type { Carrier } from "../carriers/carrier.ts";
import type { AtEndOfTurn } from "../time/turns.ts";
import { ByteSink, patchU32 } from "./byte-sink.ts";
import { type Chunk, chunkBytes, chunkPool } from "./chunk-pool.ts";
import { FrameType, frameMinMaxBytes, headBytes, lengthBytes, Setting } from "./wire.ts";

/**
 * The write buffer of a session: frames are written into shared memory and go to the carrier in batches.
 *
 * When a batch goes. It goes at the end of the turn, or earlier once it has 64 frames or 16 KiB, so that both sides
 * work at the same time instead of in turns (measured: 2 to 3 times the rate). While the carrier still holds earlier
 * bytes, frames only gather, because they would not arrive sooner.
 *
 * Memory. One chunk takes the frames of many batches, and the carrier says when it is done with one. A chunk is written
 * from its start again as soon as nothing in it is needed, so a busy session stays in the processor's cache. It goes
 * back to the pool when there is nothing to send, so an idle session holds none.
 *
 * Large messages go in parts, a few in each turn, between the batches. So other users of the session wait for a part,
 * not for the message.
 */

/** A message on its way out in parts. */
export interface Transfer {
  readonly type: number;
  readonly id: number;
  /** What the message is made of; must stay as it is until the transfer is over. */
  readonly pieces: readonly Uint8Array[];
  readonly totalBytes: number;
  /** Called once, when the last part was handed on, or the transfer was given up. */
  readonly onOver?: ((sent: boolean) => void) | undefined;
  /** Called after each part, with how much has gone by then. */
  readonly onPart?: ((sentBytes: number) => void) | undefined;
}

interface TransferState extends Transfer {
  piece: number;
  /** Within the piece. */
  offset: number;
  sentBytes: number;
}

/** Frames up to this size are written whole, larger messages in parts of it. */
const wholeMaxBytes = 32_768;
/** What a chunk must have left to be worth going on with. */
const chunkTailBytes = 4096;
const batchMaxFrames = 64;
const batchMaxBytes = 16_384;
const partsPerTurn = 4;
/** If the other side leaves more than this untaken, nothing new should be started for it. */
const backlogHighBytes = 256 * 1024;
const transfersHighBytes = 8 * 1024 * 1024;
const nothing = new Uint8Array(0);

/** What a write buffer is made of. */
export interface WriteBufferOptions {
  readonly carrier: Carrier;
  readonly atEndOfTurn: AtEndOfTurn;
  /** Called when `backedUp` is no longer true. */
  readonly onRelief?: (() => void) | undefined;
  /** Called when a batch goes. */
  readonly onFlush?: (() => void) | undefined;
}

/** Writes the frames of one session. */
export class WriteBuffer {
  /** The largest message in parts that the other side reads, in bytes. */
  messageMaxBytes = 0;
  readonly #carrier: Carrier;
  readonly #options: WriteBufferOptions;
  readonly #sink = new ByteSink(nothing);
  #chunk: Chunk | undefined;
  /** Up to here the chunk was handed to the carrier. */
  #sentTo = 0;
  #frameAt = 0;
  #batchFrames = 0;
  #unsentChunks: Chunk[] = [];
  #scheduled = false;
  #corked = false;
  #transfers: TransferState[] = [];
  #transferBytes = 0;
  #backedUp = false;
  #closed = false;
  #wholeMaxBytes = wholeMaxBytes;

  constructor(options: WriteBufferOptions) {
    this.#carrier = options.carrier;
    this.#options = options;
  }

  /** The most bytes, type and id not counted, that a message may have to go as one frame. */
  get wholeMaxBytes(): number {
    return this.#wholeMaxBytes - headBytes;
  }

  /** Whether the other side takes so little that nothing new should be started for it. */
  get backedUp(): boolean {
    return this.#backedUp;
  }

  /** Whether the carrier has not taken all that it was given. */
  get isUnsent(): boolean {
    return this.#unsentChunks.length > 0;
  }

  /** Takes over what the other side said that it reads. */
  limit(settings: ReadonlyMap<number, number>): void {
    const frameMaxBytes = Math.max(frameMinMaxBytes, settings.get(Setting.frameMaxBytes) ?? 0);
    this.#wholeMaxBytes = Math.min(wholeMaxBytes, frameMaxBytes);
    this.messageMaxBytes = settings.get(Setting.messageMaxBytes) ?? frameMinMaxBytes;
  }

  /** Begins a frame whose content takes at most `room` bytes, to be written to the sink that this answers. */
  begin(type: number, id: number, room: number): ByteSink {
    const sink = this.#sink;
    if (sink.position + lengthBytes + headBytes + room > sink.bytes.length) this.#nextChunk();
    this.#frameAt = sink.position;
    sink.position += lengthBytes;
    sink.u8(type);
    sink.u32(id);
    return sink;
  }

  /** Ends the frame. */
  end(): void {
    const { position, bytes } = this.#sink;
    patchU32(bytes, this.#frameAt, position - this.#frameAt - lengthBytes);
    this.#batchFrames++;
    if (this.#batchFrames >= batchMaxFrames || position - this.#sentTo >= batchMaxBytes) this.flush();
    else this.#schedule();
  }

  /** Takes back the frame that was begun. */
  rollBack(): void {
    this.#sink.position = this.#frameAt;
  }

  /** A frame without content. */
  bare(type: number, id: number): void {
    this.begin(type, id, 0);
    this.end();
  }

  /** Sends a message in parts. */
  transfer(transfer: Transfer): void {
    if (this.#closed) {
      transfer.onOver?.(false);
      return;
    }
    this.#transfers.push({ ...transfer, piece: 0, offset: 0, sentBytes: 0 });
    this.#transferBytes += transfer.totalBytes;
    this.#noteBacklog();
    this.#schedule();
  }

  /** Gives up a message in parts. Answers how much of it was handed on; undefined if there is none, or not any more. */
  cancelTransfer(id: number): number | undefined {
    if (this.#transfers.length === 0) return undefined;
    const index = this.#transfers.findIndex((each) => each.id === id);
    if (index < 0) return undefined;
    const [transfer] = this.#transfers.splice(index, 1);
    const { totalBytes, sentBytes } = transfer!;
    this.#transferBytes -= totalBytes - sentBytes;
    transfer!.onOver?.(false);
    this.#noteRelief();
    return sentBytes;
  }

  /** Until `uncork`, batches go when they are full only. */
  cork(): void {
    this.#corked = true;
  }

  /** Sends what has gathered. */
  uncork(): void {
    this.#corked = false;
    this.flush();
  }

  /** Sends what has gathered, unless the carrier is busy: then it goes when the carrier is done. */
  flush(): void {
    this.#batchFrames = 0;
    if (this.#closed) return;
    if (this.#sink.position > this.#sentTo && !this.#isBusy()) this.#send();
    // Parts only ever go at the end of a turn, or a fast connection would leave no time for anything else.
    if (this.#transfers.length > 0) this.#scheduleAlways();
    this.#noteRelief();
  }

  /** Drops what has gathered and messages in parts: of what is not handed on by now, nothing is sent. */
  discard(): void {
    this.#sink.position = this.#sentTo;
    this.#batchFrames = 0;
    const transfers = this.#transfers;
    this.#transfers = [];
    this.#transferBytes = 0;
    for (const each of transfers) each.onOver?.(false);
  }

  /** To be called for the carrier's `onSent`. */
  onSent(): void {
    const chunk = this.#unsentChunks.shift();
    if (chunk === undefined || this.#closed) return;
    chunk.pendingSends--;
    if (chunk.pendingSends === 0) this.#reuse(chunk);
    if (this.#unsentChunks.length === 0) this.flush();
    else this.#noteRelief();
  }

  /** Sends what has gathered, behind whatever the carrier still holds. The rest is given up, and nothing sent any more. */
  close(): void {
    if (this.#closed) return;
    if (this.#sink.position > this.#sentTo) this.#send();
    this.#closed = true;
    this.#unsentChunks = [];
    this.#detach();
    this.discard();
  }

  /** Bytes that were handed on but not taken: then the carrier will report, and the batch can wait for that. */
  #isBusy(): boolean {
    return this.#unsentChunks.length > 0 && this.#carrier.bufferedBytes > 0;
  }

  #schedule(): void {
    if (!this.#corked) this.#scheduleAlways();
  }

  #scheduleAlways(): void {
    // A busy carrier will report, and then it goes on.
    if (this.#scheduled || this.#closed || this.#isBusy()) return;
    this.#scheduled = true;
    this.#options.atEndOfTurn(this.#onTurn);
  }

  readonly #onTurn = (): void => {
    this.#scheduled = false;
    if (this.#transfers.length > 0) this.#sendParts();
    this.flush();
  };

  #send(): void {
    const chunk = this.#chunk!;
    const sink = this.#sink;
    const { buffer, byteOffset } = chunk.bytes;
    const batch = new Uint8Array(buffer, byteOffset + this.#sentTo, sink.position - this.#sentTo);
    this.#sentTo = sink.position;
    chunk.pendingSends++;
    this.#unsentChunks.push(chunk);
    this.#carrier.send(batch);
    this.#options.onFlush?.();
    this.#noteBacklog();
    if (sink.bytes.length - sink.position < chunkTailBytes) this.#detach();
  }

  #nextChunk(): void {
    if (this.#closed) {
      // What is still written goes nowhere.
      this.#sink.bytes = new Uint8Array(chunkBytes);
    } else {
      if (this.#sink.position > this.#sentTo) this.#send();
      this.#detach();
      this.#chunk = chunkPool.take();
      this.#sink.bytes = this.#chunk.bytes;
    }
    this.#sink.position = 0;
    this.#sentTo = 0;
  }

  /** Lets go of the chunk; the pool has it as soon as no send needs it. */
  #detach(): void {
    const chunk = this.#chunk;
    this.#chunk = undefined;
    this.#sink.bytes = nothing;
    this.#sink.position = 0;
    this.#sentTo = 0;
    // After the close nobody reports what the carrier still holds, so such a chunk must not be used again.
    if (chunk !== undefined && chunk.pendingSends === 0) chunkPool.give(chunk);
  }

  #reuse(chunk: Chunk): void {
    if (chunk !== this.#chunk) chunkPool.give(chunk);
    else if (this.#sink.position === this.#sentTo) this.#detach();
  }

  #sendParts(): void {
    for (let parts = 0; parts < partsPerTurn && this.#transfers.length > 0; parts++) {
      if (this.#isBusy()) return;
      this.#sendPart(this.#transfers.shift()!);
    }
  }

  #sendPart(transfer: TransferState): void {
    const first = transfer.sentBytes === 0;
    const headRoom = first ? 5 : 0;
    const bytes = Math.min(transfer.totalBytes - transfer.sentBytes, this.wholeMaxBytes - headRoom);
    const sink = this.begin(first ? FrameType.firstPart : FrameType.part, transfer.id, headRoom + bytes);
    if (first) {
      sink.u8(transfer.type);
      sink.u32(transfer.totalBytes);
    }
    copyPieces(transfer, sink, bytes);
    patchU32(sink.bytes, this.#frameAt, sink.position - this.#frameAt - lengthBytes);
    transfer.sentBytes += bytes;
    this.#transferBytes -= bytes;
    const over = transfer.sentBytes === transfer.totalBytes;
    if (!over) this.#transfers.push(transfer);
    this.#send();
    transfer.onPart?.(transfer.sentBytes);
    if (over) transfer.onOver?.(true);
  }

  #isOverfull(): boolean {
    return this.#transferBytes > transfersHighBytes || this.#carrier.bufferedBytes > backlogHighBytes;
  }

  #noteBacklog(): void {
    if (this.#isOverfull()) this.#backedUp = true;
  }

  /** Only where no frame and no batch is half done: who is relieved may write at once. */
  #noteRelief(): void {
    if (!this.#backedUp || this.#isOverfull()) return;
    this.#backedUp = false;
    this.#options.onRelief?.();
  }
}

function copyPieces(transfer: TransferState, sink: ByteSink, bytes: number): void {
  for (let left = bytes; left > 0; ) {
    const piece = transfer.pieces[transfer.piece]!;
    const count = Math.min(left, piece.length - transfer.offset);
    sink.raw(new Uint8Array(piece.buffer, piece.byteOffset + transfer.offset, count));
    transfer.offset += count;
    left -= count;
    if (transfer.offset < piece.length) continue;
    transfer.piece++;
    transfer.offset = 0;
  }
}

/** The length of several pieces together. */
export function totalLength(pieces: readonly Uint8Array[]): number {
  let total = 0;
  for (const piece of pieces) total += piece.length;
  return total;
}
