/**
 * Recorded answers (answer records): a repeated call gets its answer from them.
 *
 * They are entries of a dictionary of their own, written in the same commit as the effect they belong to, so
 * either both survive a crash or neither. They end after the retention time like entries do.
 *
 * Their keys are hashes, because the hashed text is three times as long as the rest of a record, and nobody reads it
 * again.
 *
 * A popped value stays where it was put, on disk, as long as its answer is kept. The segment counts the value as alive.
 * If compaction removes the segment because of the rest of it, the value is written again as a part of the answer,
 * which is then read from the log as well. So the memory of an answer does not depend on the value, and the share of a
 * caller (`AnswerShares`) only bounds the number of answers.
 *
 * When a share is full, answers that are so old that no client repeats the call go before their time. The same happens
 * when values on disk exceed the budget. If a caller says that an answer has arrived, the answer is dropped at once.
 * Neither is written to the log: after a restart such answers are there again, until their end or until room is needed.
 */

import { hash } from "node:crypto";
import {
  createError,
  idempotencyGuaranteeMs,
  idempotencyRetentionMs,
  nextSlice,
  sliceItems,
  type ValueRoom,
} from "@everdict/protocol";
import {
  type AnswerShare,
  AnswerShares,
  type Clock,
  type Durability,
  type IdempotencyOption,
  otherArguments,
} from "@everdict/store";
import { keyBytes, keyText } from "../bytes/key-text.ts";
import type { EntryMemory } from "../index/entry-memory.ts";
import type { KeyState } from "../index/key-state.ts";
import type { KeyTable, SweptUpTo } from "../index/key-table.ts";
import type { SlotState } from "../index/slot-state.ts";
import { readPinned } from "../index/value-source.ts";
import type { RecordGroup } from "../log/commit-group.ts";
import type { LogWriter } from "../log/log-writer.ts";
import { answersNumber, keepsValue } from "../record/dict-numbers.ts";
import type { Segment } from "../segments/segment.ts";
import { DictEntries } from "./dict-entries.ts";
import type { EntryLog } from "./entry-log.ts";
import {
  type AnsweredCall,
  answeredCall,
  decodeAnswer,
  encodeAnswer,
  type RecordedAnswer,
} from "./recorded-answer.ts";

// A record's slot, its place in the index and its key, as measured with half a million of them.
const overheadBytes = 128;
// How much is copied between two flushes when values take the place of references.
const holdsSliceBytes = 1024 * 1024;
// About a millisecond of work.
const dropsPerCall = 256;

/** About how many answers fit a budget. */
export function answersMax(budgetBytes: number): number {
  return Math.ceil(budgetBytes / overheadBytes);
}

export interface RecordedAnswersOptions {
  readonly clock: Clock;
  readonly budgetBytes: number;
  readonly memory: EntryMemory;
}

/** A call with an idempotency key. */
export interface RecordedCall {
  /** Under which its answer is kept. */
  readonly name: string;
  readonly share: AnswerShare;
  /** Of its arguments. */
  readonly digest: number;
}

export class RecordedAnswers {
  readonly #clock: Clock;
  readonly #budgetBytes: number;
  readonly #memory: EntryMemory;
  readonly #shares: AnswerShares;
  #entries: DictEntries;
  /** False while the log is replayed: what comes and goes then is counted at the end. */
  #isCounting = false;
  /** What answers hold on to on disk. */
  #heldBytes = 0;

  constructor({ clock, budgetBytes, memory }: RecordedAnswersOptions) {
    this.#clock = clock;
    this.#budgetBytes = budgetBytes;
    this.#memory = memory;
    this.#shares = new AnswerShares(budgetBytes);
    this.#entries = new DictEntries(answersNumber, memory);
  }

  /** The answers, as entries. */
  get entries(): DictEntries {
    return this.#entries;
  }

  /** Begins, with what recovery found, if it found anything. */
  start(table: KeyTable = this.#entries.table, sweptUpTo?: SweptUpTo): void {
    table.endRecovery(sweptUpTo);
    this.#entries = new DictEntries(answersNumber, this.#memory, table);
    this.#isCounting = true;
    for (const state of table.states()) if (state.decision === "put") this.#countState(state, 1);
    // Answers that were dropped before their time have come back.
    while (this.#shares.recordBytes > this.#budgetBytes && table.sweep(this.#endedEarlyMs(), 1) === 1);
  }

  /**
   * A call under an idempotency key.
   *
   * @param scope - the dictionary, or the environment that one is created in
   */
  call(
    operation: string,
    scope: string,
    { idempotencyKey, caller }: IdempotencyOption,
    digest: number,
  ): RecordedCall {
    return { name: nameOf(operation, scope, idempotencyKey!), share: this.#shares.of(caller), digest };
  }

  /** Whether a call was answered, or is being answered. */
  find({ name }: RecordedCall): KeyState | undefined {
    const state = this.#entries.decided(keyBytes(name));
    return state?.decision === "put" ? state : undefined;
  }

  /**
   * The answer that was found to a call on a dictionary of that durability, once it is so durable.
   *
   * @throws `conflict` if the call that was answered had other arguments
   */
  async answer(
    { name, digest }: RecordedCall,
    found: KeyState,
    writer: LogWriter,
    durability?: Durability,
    room?: ValueRoom,
  ): Promise<RecordedAnswer> {
    const group = this.#entries.evidenceGroup(found);
    const bytes = found.value() ?? (await readPinned(placeOf(found)));
    await writer.whenDurable(group, durability);
    if ((answeredCall(bytes)?.digest ?? digest) !== digest) throw otherArguments();
    const answer = await this.#present(name, decodeAnswer(bytes));
    if (answer.kind !== "place") return answer;
    const segment = this.#memory.segments.get(answer.segment);
    if (segment === undefined) throw createError("data_loss", "a value kept for a repeated call is gone");
    return { kind: "value", value: await readPinned({ ...answer, segment }, room) };
  }

  /** Makes sure that one more answer to a caller may be kept. @throws `overloaded`, before anything was done */
  makeRoom({ share }: RecordedCall): void {
    if (this.#heldBytes > this.#budgetBytes) this.#dropOld(dropsPerCall);
    for (let drops = 0; this.#shares.isFull(share); drops++) {
      if (drops === dropsPerCall || this.#dropOld(1) === 0) throw this.#shares.refusal(share);
    }
  }

  /** Drops the answer to a call that will not be repeated, if it is there. */
  forget(operation: string, scope: string, idempotencyKey: string): void {
    const key = keyBytes(nameOf(operation, scope, idempotencyKey));
    const state = this.#entries.table.find(key);
    if (state !== undefined && !this.#entries.isOvertaken(key)) this.#entries.table.drop(state);
  }

  /** Ends a commit with the answer to its call. */
  record(
    log: EntryLog,
    group: RecordGroup,
    { name, share, digest }: RecordedCall,
    answer: RecordedAnswer,
  ): void {
    const value = encodeAnswer(answer, { callerTag: share.tag, digest });
    this.#write(log, group, name, value, this.#clock() + idempotencyRetentionMs);
  }

  /** Drops at most this many answers past their time, and returns how many. */
  sweep(maxAnswers: number): number {
    return this.#entries.table.sweep(this.#clock(), maxAnswers);
  }

  /**
   * Drops at most this many answers before their time, if they are so old that no client repeats the call. Returns how
   * many.
   */
  sweepEarly(maxAnswers: number): number {
    return this.#entries.table.sweep(this.#endedEarlyMs(), maxAnswers);
  }

  /** Whether answers are past their time. */
  get areDue(): boolean {
    return this.#entries.table.earliestMs <= this.#clock();
  }

  /** Forgets answers that never became durable. */
  rewind(): void {
    for (const decided of this.#entries.rewind()) this.#count(decided.value()!, decided, -1);
  }

  /**
   * Gives the answers that name a record of this segment the value itself, since the segment is about to go.
   * Resolves to whether nothing names it any more.
   */
  async releaseHolds(segment: Segment, log: EntryLog, writer: LogWriter): Promise<boolean> {
    let group: RecordGroup | undefined;
    let looked = 0;
    for (const name of [...segment.holds]) {
      if (++looked % sliceItems === 0) await nextSlice();
      const key = keyBytes(name);
      const held = this.#heldState(key);
      const bytes = held?.value();
      const answer = bytes && decodeAnswer(bytes);
      if (answer?.kind !== "place" || answer.segment !== segment.number) continue;
      const value = await readPinned({ ...answer, segment });
      // Only what is durable and will stay the last word; the others are met again in the next round.
      const present = this.#entries.table.find(key);
      const isLast = segment.holds.has(name) && present?.value()?.equals(bytes!) === true;
      if (!isLast || this.#entries.isOvertaken(key)) continue;
      group = writer.current();
      const moved = encodeAnswer({ kind: "value", value }, answeredCall(bytes!));
      this.#write(log, group, name, moved, present.expiresAtMs);
      if (group.bytes > holdsSliceBytes) await group.durable;
    }
    // Also those that were answered just now have to be durable before the next round.
    await (group ?? writer.current()).durable;
    return segment.holds.size === 0;
  }

  /** What the table of answers tells when one is gone. */
  readonly dropped = (state: SlotState): void => {
    if (this.#isCounting) this.#countState(state, -1);
  };

  /** The answer that is known by now, if compaction may have put the value itself in the place of a place. */
  async #present(name: string, answer: RecordedAnswer): Promise<RecordedAnswer> {
    const present = answer.kind === "place" ? this.#entries.table.find(keyBytes(name)) : undefined;
    if (present === undefined) return answer;
    return decodeAnswer(present.value() ?? (await readPinned(placeOf(present))));
  }

  /** The state of an answer whose value is to be copied; one that need not be kept is dropped instead. */
  #heldState(key: Buffer): SlotState | undefined {
    const state = this.#entries.table.find(key);
    const endsMs = this.#heldBytes > this.#budgetBytes ? this.#endedEarlyMs() : this.#clock();
    if (state === undefined || state.expiresAtMs > endsMs || this.#entries.isOvertaken(key)) return state;
    this.#entries.table.drop(state);
    return undefined;
  }

  /** An answer that ends before this moment was recorded so long ago that no client repeats the call. */
  #endedEarlyMs(): number {
    return this.#clock() + idempotencyRetentionMs - idempotencyGuaranteeMs;
  }

  #dropOld(maxAnswers: number): number {
    return this.#entries.table.sweep(this.#endedEarlyMs(), maxAnswers);
  }

  #write(log: EntryLog, group: RecordGroup, name: string, value: Buffer, expiresAtMs: number): void {
    log.put(group, this.#entries, [{ key: keyBytes(name), value }], expiresAtMs, true);
    this.#count(value, name, 1);
  }

  #countState(state: SlotState, sign: 1 | -1): void {
    const value = state.value();
    if (value === undefined) this.#countLarge(state.valueLength, sign);
    else this.#count(value, state, sign);
  }

  #count(value: Buffer, name: string | { key(): Buffer }, sign: 1 | -1): void {
    if (!keepsValue(answersNumber, value.length)) {
      this.#countLarge(value.length, sign);
      return;
    }
    const call = answeredCall(value);
    this.#countRecord(call, value.length, sign);
    const answer = decodeAnswer(value);
    if (answer.kind !== "place") return;
    this.#heldBytes += sign * answer.length;
    const text = typeof name === "string" ? name : keyText(name.key());
    this.#memory.segments.get(answer.segment)?.hold(text, answer.length, sign);
  }

  /** An answer that is only on disk: nobody knows whose it is without reading it. */
  #countLarge(valueBytes: number, sign: 1 | -1): void {
    this.#countRecord(undefined, 0, sign);
    this.#heldBytes += sign * valueBytes;
  }

  #countRecord(call: AnsweredCall | undefined, valueBytes: number, sign: 1 | -1): void {
    this.#shares.count(this.#shares.ofTag(call?.callerTag ?? 0), sign * (overheadBytes + valueBytes));
  }
}

function nameOf(operation: string, scope: string, idempotencyKey: string): string {
  return hash("sha256", `${operation} ${scope}\n${idempotencyKey}`, "binary");
}

function placeOf({ segment, offset, length }: KeyState): {
  readonly segment: Segment;
  readonly offset: number;
  readonly length: number;
} {
  return { segment, offset, length };
}
