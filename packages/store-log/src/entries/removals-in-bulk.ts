import { type Clock, type IdempotencyOption, keysDigest } from "@everdict/store";
import { isLive, type KeyState } from "../index/key-state.ts";
import { SlotState } from "../index/slot-state.ts";
import { recordBytes } from "../record/record.ts";
import { AnsweredCalls, type AnsweredCallsOptions } from "./answered-calls.ts";
import type { LogDict } from "./log-dict.ts";
import type { RecordedAnswer } from "./recorded-answer.ts";
import type { RecordedCall } from "./recorded-answers.ts";

export interface RemovalsOptions extends AnsweredCallsOptions {
  readonly clock: Clock;
}

/** The hash of a long key takes long to make. */
interface HashedKey {
  readonly key: Uint8Array;
  readonly hash: number;
}

/** Removals of many entries, all of a call in one commit, with the count that a repeat gets. */
export class RemovalsInBulk {
  readonly #options: RemovalsOptions;
  readonly #calls: AnsweredCalls;

  constructor(options: RemovalsOptions) {
    this.#options = options;
    this.#calls = new AnsweredCalls(options);
  }

  /** Removes the entries that are live; returns how many there were. */
  removeMany(
    dictId: string,
    keys: readonly Uint8Array[],
    options: IdempotencyOption | undefined,
  ): Promise<number> {
    const call = this.#calls.callOf("removeMany", dictId, options, () => keysDigest(keys));
    return this.#remove(dictId, keys, call);
  }

  #remove(dictId: string, keys: readonly Uint8Array[], call: RecordedCall | undefined): Promise<number> {
    const { log, writer, answers, room } = this.#options;
    return this.#calls.once(call, dictId, countIn, (dict) => {
      const { live, evidenceGroup } = this.#look(dict, keys);
      const count = live.length;
      if (count === 0) return this.#calls.unchanged(dict, evidenceGroup, call, answerOf(0), 0);
      room.requireRoomToRemove(live.reduce((sum, { key }) => sum + recordBytes(key.length, 0), 0));
      const group = writer.current(dict.record.durability);
      const removed = live.map(({ key, hash }, index) =>
        log.remove(group, dict.entries, key, call === undefined && index === count - 1, hash),
      );
      if (call !== undefined) answers.record(log, group, call, answerOf(count));
      return group.durable.then(
        () => count,
        (error) => {
          if (!room.mayRemoveAfter(error)) throw error;
          const copies = removed.map((each) => Buffer.from(each.key()));
          return this.#remove(dictId, copies, call);
        },
      );
    });
  }

  /** The keys of live entries, each once, and the group that must be durable before it may be said that there are none. */
  #look(
    { entries }: LogDict,
    keys: readonly Uint8Array[],
  ): { readonly live: readonly HashedKey[]; readonly evidenceGroup: number } {
    const nowMs = this.#options.clock();
    // By where it is: a text of a long key takes long to make.
    const live = new Map<number | KeyState, HashedKey>();
    let evidenceGroup = 0;
    for (const key of keys) {
      const hash = entries.hashOf(key);
      const state = entries.decided(key, hash);
      evidenceGroup = Math.max(evidenceGroup, entries.evidenceGroup(state));
      if (state === undefined || !isLive(state, nowMs)) continue;
      live.set(state instanceof SlotState ? state.slot : state, { key, hash });
    }
    return { live: [...live.values()], evidenceGroup };
  }
}

function answerOf(count: number): RecordedAnswer {
  const value = Buffer.alloc(4);
  value.writeUInt32LE(count);
  return { kind: "value", value };
}

function countIn(answer: RecordedAnswer): number {
  return answer.kind === "value" ? Buffer.from(answer.value).readUInt32LE() : 0;
}
