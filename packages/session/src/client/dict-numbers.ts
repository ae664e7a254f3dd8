import { textRoom } from "../frames/byte-sink.ts";
import { FrameType } from "../frames/wire.ts";
import type { WriteBuffer } from "../frames/write-buffer.ts";

/**
 * The numbers that stand for dictionaries on one connection. Each is announced once, right before its first use. When
 * all are taken, the oldest gets a new meaning. Frames keep their order, so earlier frames keep their meaning.
 */
export class DictNumbers {
  readonly #writeBuffer: WriteBuffer;
  readonly #numbersMax: number;
  readonly #numbers = new Map<string, number>();
  #ids: string[] = [];
  #next = 0;
  #lastId = "";
  #lastNumber = -1;

  constructor(writeBuffer: WriteBuffer, numbersMax: number) {
    this.#writeBuffer = writeBuffer;
    this.#numbersMax = numbersMax;
  }

  /** The number of a dictionary; announces it if it has none. */
  numberOf(dictId: string): number {
    // Calls come in runs on one dictionary.
    if (dictId === this.#lastId) return this.#lastNumber;
    const number = this.#numbers.get(dictId) ?? this.#announce(dictId);
    this.#lastId = dictId;
    this.#lastNumber = number;
    return number;
  }

  #announce(dictId: string): number {
    const number = this.#next;
    this.#next = (number + 1) % this.#numbersMax;
    const before = this.#ids[number];
    if (before !== undefined) this.#numbers.delete(before);
    this.#ids[number] = dictId;
    this.#numbers.set(dictId, number);
    this.#writeBuffer.begin(FrameType.dict, number, textRoom(dictId)).text(dictId);
    this.#writeBuffer.end();
    return number;
  }
}
