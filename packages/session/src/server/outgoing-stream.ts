import { type ConnectionMemory, createError, type Entry } from "@everdict/protocol";
import { ByteSink } from "../frames/byte-sink.ts";
import { FrameType } from "../frames/wire.ts";
import type { WriteBuffer } from "../frames/write-buffer.ts";
import { entryOverheadBytes, writeEntry } from "../messages/entries-message.ts";
import type { Answers } from "./answers.ts";
import type { FetchTurns } from "./fetch-turns.ts";

/** How much of a frame entries should fill. */
const frameTargetBytes = 16_384;

/** What a stream works with. */
export interface StreamTarget {
  readonly id: number;
  readonly writeBuffer: WriteBuffer;
  readonly answers: Answers;
  readonly memory: ConnectionMemory;
  readonly fetchTurns: FetchTurns;
  /** What the consumer takes at first, in bytes. */
  readonly credit: number;
}

/**
 * The sender's end of a stream of entries.
 *
 * It takes a batch from the service only when there is credit and the connection takes bytes. So a stream holds only
 * one batch of the service and its credit in memory, however long the stream and however slow the consumer. The last
 * frame may take the credit below zero; the stream goes on when it is positive again.
 */
export class OutgoingStream {
  readonly #id: number;
  readonly #writeBuffer: WriteBuffer;
  readonly #answers: Answers;
  readonly #memory: ConnectionMemory;
  readonly #fetchTurns: FetchTurns;
  readonly #source: AsyncIterable<readonly Entry[]>;
  #credit: number;
  #isOver = false;
  #wake: (() => void) | undefined;

  constructor(source: AsyncIterable<readonly Entry[]>, to: StreamTarget) {
    this.#source = source;
    this.#id = to.id;
    this.#writeBuffer = to.writeBuffer;
    this.#answers = to.answers;
    this.#memory = to.memory;
    this.#fetchTurns = to.fetchTurns;
    this.#credit = to.credit;
  }

  /** Whether its final answer is given, so that its id may be used again. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Sends everything and the final answer. Never rejects; resolves when the service has let go. */
  async run(): Promise<void> {
    let iterator: AsyncIterator<readonly Entry[]> | undefined;
    try {
      iterator = this.#source[Symbol.asyncIterator]();
      for (;;) {
        if (!this.#hasRoom()) await this.#room();
        await this.#fetchTurns.take();
        if (this.#isOver) break;
        const step = await iterator.next();
        if (this.#isOver) break;
        if (step.done === true) {
          this.#isOver = true;
          this.#answers.done(this.#id);
          return;
        }
        await this.#sendCounted(step.value);
      }
    } catch (caught) {
      if (!this.#isOver) this.#answers.error(this.#id, caught);
      this.#isOver = true;
    }
    await release(iterator);
  }

  /** The consumer takes this many bytes more. */
  grant(bytes: number): void {
    this.#credit += bytes;
    this.wake();
  }

  /** Looks again whether it can go on. */
  wake(): void {
    if (!this.#hasRoom() && !this.#isOver) return;
    this.#wake?.();
    this.#wake = undefined;
  }

  /** The consumer wants no more. Answers so, unless the stream has had its final answer. */
  cancel(): void {
    if (this.#isOver) return;
    this.abandon();
    this.#writeBuffer.cancelTransfer(this.#id);
    this.#answers.error(this.#id, createError("cancelled", "the stream was cancelled"));
  }

  /** The session is over. */
  abandon(): void {
    this.#isOver = true;
    this.wake();
  }

  #hasRoom(): boolean {
    return this.#credit > 0 && !this.#writeBuffer.backedUp;
  }

  #room(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  /** A batch counts until it has left. */
  async #sendCounted(entries: readonly Entry[]): Promise<void> {
    const bytes = bytesOf(entries, 0, entries.length);
    this.#memory.change("streams", bytes);
    try {
      await this.#send(entries);
    } finally {
      this.#memory.change("streams", -bytes);
    }
  }

  async #send(entries: readonly Entry[]): Promise<void> {
    for (let index = 0; index < entries.length && !this.#isOver; ) {
      if (!this.#hasRoom()) await this.#room();
      if (this.#isOver) return;
      const count = fitting(entries, index, Math.min(frameTargetBytes, this.#writeBuffer.wholeMaxBytes));
      const bytes = bytesOf(entries, index, count);
      this.#credit -= bytes;
      if (bytes <= this.#writeBuffer.wholeMaxBytes) this.#sendFrame(entries, index, count, bytes);
      else await this.#sendLarge(entries[index]!);
      index += count;
    }
  }

  #sendFrame(entries: readonly Entry[], start: number, count: number, bytes: number): void {
    const sink = this.#writeBuffer.begin(FrameType.entries, this.#id, bytes);
    sink.u32(count);
    for (let index = start; index < start + count; index++) writeEntry(sink, entries[index]!);
    this.#writeBuffer.end();
  }

  /** An entry that does not fit a frame: in parts, from where it is. */
  #sendLarge({ key, value }: Entry): Promise<void> {
    const sink = new ByteSink(new Uint8Array(4 + entryOverheadBytes));
    sink.u32(1);
    sink.u32(key.length);
    sink.u32(value.length);
    const totalBytes = sink.position + key.length + value.length;
    return new Promise((resolve) => {
      const onOver = (sent: boolean) => {
        if (!sent) this.#isOver = true;
        resolve();
      };
      this.#answers.parts(FrameType.entries, this.#id, [sink.bytes, key, value], totalBytes, onOver);
    });
  }
}

/** How many entries from `start` on go into one frame: at least one. */
function fitting(entries: readonly Entry[], start: number, targetBytes: number): number {
  let bytes = 4;
  for (let index = start; index < entries.length; index++) {
    const { key, value } = entries[index]!;
    bytes += entryOverheadBytes + key.length + value.length;
    if (bytes > targetBytes) return Math.max(1, index - start);
  }
  return entries.length - start;
}

function bytesOf(entries: readonly Entry[], start: number, count: number): number {
  let bytes = 4;
  for (let index = start; index < start + count; index++) {
    const { key, value } = entries[index]!;
    bytes += entryOverheadBytes + key.length + value.length;
  }
  return bytes;
}

async function release(iterator: AsyncIterator<unknown> | undefined): Promise<void> {
  try {
    await iterator?.return?.();
  } catch {
    // The stream has its outcome already, and what the source has to say by now interests nobody.
  }
}
