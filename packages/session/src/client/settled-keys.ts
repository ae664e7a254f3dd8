import { FrameType, settledMaxKeys } from "../frames/wire.ts";
import type { WriteBuffer } from "../frames/write-buffer.ts";
import type { DictNumbers } from "./dict-numbers.ts";

/** Numbers of one kind: the first of each run, and how long it is. */
interface Runs {
  readonly firsts: number[];
  readonly counts: number[];
}

/** The server is told when there are this many. */
const reportAtKeys = settledMaxKeys / 4;

/**
 * Idempotency keys that will not be used again. The client tells them to the server, which keeps an answer for each
 * until then or for two minutes. They travel with other frames, many at once. Those of the last few calls may never be
 * told.
 */
export class SettledKeys {
  /** By dictionary, then by the type of the requests. */
  #byDict = new Map<string, Map<number, Runs>>();
  #count = 0;

  /** A key is settled: its call was sent once and has its answer. */
  add(type: number, dictId: string, idempotencyKey: number): void {
    const { firsts, counts } = this.#runsOf(dictId, type);
    const last = firsts.length - 1;
    // Answers mostly come in the order of the calls.
    if (last >= 0 && firsts[last]! + counts[last]! === idempotencyKey) counts[last]!++;
    else {
      firsts.push(idempotencyKey);
      counts.push(1);
    }
    this.#count++;
  }

  #runsOf(dictId: string, type: number): Runs {
    return this.#byDict.get(dictId)?.get(type) ?? this.#newRuns(dictId, type);
  }

  #newRuns(dictId: string, type: number): Runs {
    const runs: Runs = { firsts: [], counts: [] };
    const kinds = this.#byDict.get(dictId) ?? new Map<number, Runs>();
    this.#byDict.set(dictId, kinds.set(type, runs));
    return runs;
  }

  /** Whether there is enough to tell. */
  get areMany(): boolean {
    return this.#count >= reportAtKeys;
  }

  /** Tells the server. */
  write(writeBuffer: WriteBuffer, dicts: DictNumbers): void {
    if (this.#count === 0) return;
    for (const [dictId, kinds] of this.#byDict) {
      const dict = dicts.numberOf(dictId);
      for (const [type, runs] of kinds) writeRuns(writeBuffer, type, dict, runs);
    }
    this.#byDict.clear();
    this.#count = 0;
  }
}

function writeRuns(writeBuffer: WriteBuffer, type: number, dict: number, { firsts, counts }: Runs): void {
  const sink = writeBuffer.begin(FrameType.settled, 0, 5 + 8 * firsts.length);
  sink.u8(type);
  sink.u32(dict);
  for (let index = 0; index < firsts.length; index++) {
    sink.u32(firsts[index]!);
    sink.u32(counts[index]!);
  }
  writeBuffer.end();
}
