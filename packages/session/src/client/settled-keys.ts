import type { Outbox } from "../frames/outbox.ts";
import { FrameType, settledMaxKeys } from "../frames/wire.ts";
import type { DictNumbers } from "./dict-numbers.ts";

/** Numbers of one kind: the first of each run, and how long it is. */
interface Runs {
  readonly firsts: number[];
  readonly counts: number[];
}

/** With so many the server is told. */
const reportAtKeys = settledMaxKeys / 4;

/**
 * Idempotency keys that will not be used again, to be told to the server, which keeps an answer for each until then
 * or for two minutes. They travel with other frames, many at once; those of the last few calls may never be told.
 */
export class SettledKeys {
  #byDict = new Map<string, { readonly pop: Runs; readonly putIfAbsent: Runs }>();
  #count = 0;

  /** A key is settled: its call was sent once and has its answer. */
  add(type: number, dictId: string, keyNumber: number): void {
    let kinds = this.#byDict.get(dictId);
    if (kinds === undefined) {
      kinds = { pop: { firsts: [], counts: [] }, putIfAbsent: { firsts: [], counts: [] } };
      this.#byDict.set(dictId, kinds);
    }
    const { firsts, counts } = type === FrameType.pop ? kinds.pop : kinds.putIfAbsent;
    const last = firsts.length - 1;
    // Answers mostly come in the order of the calls.
    if (last >= 0 && firsts[last]! + counts[last]! === keyNumber) counts[last]!++;
    else {
      firsts.push(keyNumber);
      counts.push(1);
    }
    this.#count++;
  }

  /** Whether there is enough to tell. */
  get areMany(): boolean {
    return this.#count >= reportAtKeys;
  }

  /** Tells the server. */
  write(outbox: Outbox, dicts: DictNumbers): void {
    if (this.#count === 0) return;
    for (const [dictId, { pop, putIfAbsent }] of this.#byDict) {
      const dict = dicts.numberOf(dictId);
      writeRuns(outbox, FrameType.pop, dict, pop);
      writeRuns(outbox, FrameType.putIfAbsent, dict, putIfAbsent);
    }
    this.#byDict.clear();
    this.#count = 0;
  }
}

function writeRuns(outbox: Outbox, type: number, dict: number, { firsts, counts }: Runs): void {
  if (firsts.length === 0) return;
  const sink = outbox.begin(FrameType.settled, 0, 5 + 8 * firsts.length);
  sink.u8(type);
  sink.u32(dict);
  for (let index = 0; index < firsts.length; index++) {
    sink.u32(firsts[index]!);
    sink.u32(counts[index]!);
  }
  outbox.end();
}
