import type { RecordedMethod, ValueRoom } from "@everdict/protocol";
import type { IdempotencyOption } from "@everdict/store";
import { isStoreFull } from "../files/temporary-failure.ts";
import type { KeyState } from "../index/key-state.ts";
import type { DiskRoom } from "../log/disk-room.ts";
import type { LogWriter } from "../log/log-writer.ts";
import type { DictCatalog } from "./dict-catalog.ts";
import type { EntryLog } from "./entry-log.ts";
import type { LogDict } from "./log-dict.ts";
import type { RecordedAnswer } from "./recorded-answer.ts";
import type { RecordedAnswers, RecordedCall } from "./recorded-answers.ts";

export interface AnsweredCallsOptions {
  readonly catalog: DictCatalog;
  readonly log: EntryLog;
  readonly writer: LogWriter;
  readonly answers: RecordedAnswers;
  readonly room: DiskRoom;
}

/** How a call that changes entries is decided, within the call, and answered: once for each idempotency key. */
export class AnsweredCalls {
  readonly #options: AnsweredCallsOptions;

  constructor(options: AnsweredCallsOptions) {
    this.#options = options;
  }

  /**
   * The call under its idempotency key; undefined if it has none.
   *
   * @param digest - of its arguments
   */
  callOf(
    operation: RecordedMethod,
    dictId: string,
    options: IdempotencyOption | undefined,
    digest: () => number,
  ): RecordedCall | undefined {
    if (options?.idempotencyKey === undefined) return undefined;
    return this.#options.answers.call(operation, dictId, options, digest());
  }

  /** As `change`, but a call with an idempotency key that was answered before gets that answer. */
  once<Answer>(
    call: RecordedCall | undefined,
    dictId: string,
    read: (answer: RecordedAnswer) => Answer,
    decide: (dict: LogDict) => Promise<Answer>,
    valueRoom?: ValueRoom,
  ): Promise<Answer> {
    if (call === undefined) return this.change(dictId, decide);
    const { answers } = this.#options;
    return this.change(dictId, (dict) => {
      const known = answers.find(call);
      if (known !== undefined) return this.#answered(call, known, dict, valueRoom).then(read);
      answers.makeRoom(call);
      return decide(dict);
    });
  }

  // Not an async function: the decision must fall within the call, and under load a promise less for each operation can
  // be measured.
  change<Answer>(dictId: string, decide: (dict: LogDict) => Promise<Answer>): Promise<Answer> {
    try {
      const dict = this.#options.catalog.requireForChange(dictId);
      return dict instanceof Promise ? dict : decide(dict);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * An answer that changes nothing: it waits for what it rests on, or for the flush of its idempotency key.
   *
   * @param evidenceGroup - the group that has to be durable: see `DictEntries.evidenceGroup`
   */
  unchanged<Answer>(
    dict: LogDict,
    evidenceGroup: number,
    call: RecordedCall | undefined,
    kept: RecordedAnswer,
    answer: Answer,
  ): Promise<Answer> {
    const { answers, log, writer, room } = this.#options;
    if (call !== undefined) {
      room.requireRoomToRemove();
      const group = writer.current(dict.record.durability);
      answers.record(log, group, call, kept);
      return group.durable.then(() => answer);
    }
    const waiting = writer.whenDurable(evidenceGroup, dict.record.durability);
    return waiting === undefined ? Promise.resolve(answer) : waiting.then(() => answer);
  }

  /** What a call was answered, or is going to be. */
  async #answered(
    call: RecordedCall,
    known: KeyState,
    { record }: LogDict,
    valueRoom: ValueRoom | undefined,
  ): Promise<RecordedAnswer> {
    const { answers, writer } = this.#options;
    let found: KeyState | undefined = known;
    for (;;) {
      try {
        return await answers.answer(call, found, writer, record.durability, valueRoom);
      } catch (error) {
        // It may have been decided once more, and then the answer is still to come.
        found = isStoreFull(error) ? answers.find(call) : undefined;
        if (found === undefined) throw error;
      }
    }
  }
}
