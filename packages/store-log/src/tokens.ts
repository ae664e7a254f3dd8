/**
 * Answers to tokens: what a repeated call is answered from.
 *
 * They are entries of a dictionary of their own, written in the same commit as the effect they belong to, so
 * either both survive a crash or neither. They end after the retention time like entries do.
 *
 * Their keys are hashes: what is hashed is three times as long as all the rest of a record, and nobody reads it again.
 *
 * The budget counts the values that answers hold on to, on disk or in memory. It is compared before an answer is
 * added, so that one of any size always fits an empty budget. When it is full, answers that are older than anybody
 * repeats a call go before their time. A caller who says that an answer has arrived has it dropped at once. Neither is
 * written down: after a restart such answers are there again, until their end or until they are in the way.
 */

import { hash } from "node:crypto";
import {
  createError,
  idempotencyGuaranteeMs,
  idempotencyRetentionMs,
  type ValueRoom,
} from "@everdict/protocol";
import type { Clock, Durability } from "@everdict/store";
import { tokensNumber } from "./catalog.ts";
import type { RecordGroup } from "./commit-group.ts";
import { DictEntries } from "./dict-entries.ts";
import type { EntryLog } from "./entry-log.ts";
import type { EntryMemory } from "./entry-memory.ts";
import type { KeyState } from "./key-state.ts";
import type { KeyTable, SweptUpTo } from "./key-table.ts";
import { keyBytes, keyText } from "./key-text.ts";
import type { LogWriter } from "./log-writer.ts";
import { recordHeaderBytes } from "./record.ts";
import type { Segment } from "./segment.ts";
import type { SlotState } from "./slot-state.ts";
import { decodeAnswer, encodeAnswer, type TokenAnswer } from "./token-answer.ts";
import { readPinned } from "./value-source.ts";

// A record's state in memory and its slot in a map, roughly.
const overheadBytes = 256;
// How much is copied between two flushes when values take the place of references.
const holdsSliceBytes = 1024 * 1024;

/** About how many answers fit a budget. */
export function tokensMax(budgetBytes: number): number {
  return Math.ceil(budgetBytes / overheadBytes);
}

export interface TokensOptions {
  readonly clock: Clock;
  readonly budgetBytes: number;
  readonly memory: EntryMemory;
}

export class Tokens {
  readonly #clock: Clock;
  readonly #budgetBytes: number;
  readonly #memory: EntryMemory;
  #entries: DictEntries;
  /** False while the log is replayed: what comes and goes then is counted at the end. */
  #isCounting = false;
  #bytes = 0;

  constructor({ clock, budgetBytes, memory }: TokensOptions) {
    this.#clock = clock;
    this.#budgetBytes = budgetBytes;
    this.#memory = memory;
    this.#entries = new DictEntries(tokensNumber, memory);
  }

  /** The answers, as entries. */
  get entries(): DictEntries {
    return this.#entries;
  }

  /** Begins, with what recovery found, if it found anything. */
  start(table: KeyTable = this.#entries.table, sweptUpTo?: SweptUpTo): void {
    table.endRecovery(sweptUpTo);
    this.#entries = new DictEntries(tokensNumber, this.#memory, table);
    this.#isCounting = true;
    for (const state of table.states()) {
      if (state.decision === "put") this.#count(state.value()!, keyText(state.key()));
    }
    // Answers that were dropped before their time have come back.
    while (this.#bytes > this.#budgetBytes && table.sweep(this.#endedEarlyMs(), 1) === 1);
  }

  /** The name under which the answer to a call is kept. */
  name(operation: string, scope: string, token: string): string {
    return hash("sha256", `${operation} ${scope}\n${token}`, "binary");
  }

  /** Whether a call of that name was answered, or is being answered. */
  find(name: string): KeyState | undefined {
    const state = this.#entries.decided(keyBytes(name));
    return state?.decision === "put" ? state : undefined;
  }

  /** The answer that was found to a call on a dictionary of that durability, once it is so durable. */
  async answer(
    name: string,
    found: KeyState,
    writer: LogWriter,
    durability?: Durability,
    room?: ValueRoom | undefined,
  ): Promise<TokenAnswer> {
    const early = decodeAnswer(found.value()!);
    await writer.whenDurable(this.#entries.evidenceGroup(found), durability);
    // Asked again: meanwhile compaction may have put the value itself in the answer's place.
    const present = this.#entries.table.find(keyBytes(name))?.value();
    const answer = present === undefined ? early : decodeAnswer(present);
    if (answer.kind !== "place") return answer;
    const segment = this.#memory.segments.get(answer.segment);
    if (segment === undefined) throw createError("data_loss", "a value kept for a repeated call is gone");
    return { kind: "value", value: await readPinned({ ...answer, segment }, room) };
  }

  /** Makes sure that one more answer may be kept. @throws `overloaded`, before anything was done */
  makeRoom(): void {
    while (this.#bytes >= this.#budgetBytes) {
      if (this.#entries.table.sweep(this.#endedEarlyMs(), 1) === 1) continue;
      throw createError(
        "overloaded",
        `the answers kept for repeated calls hold ${this.#bytes} bytes, the limit is ${this.#budgetBytes}`,
      );
    }
  }

  /** Drops the answer to a call that will not be repeated, if it is there. */
  forget(name: string): void {
    const key = keyBytes(name);
    const state = this.#entries.table.find(key);
    if (state !== undefined && !this.#entries.isOvertaken(key)) this.#entries.table.drop(state);
  }

  /** Ends a commit with the answer to its call. */
  record(log: EntryLog, group: RecordGroup, name: string, answer: TokenAnswer): void {
    const expiresAtMs = this.#clock() + idempotencyRetentionMs;
    this.#write(log, group, name, answer, expiresAtMs);
  }

  /** Drops up to so many answers past their time, and says how many. */
  sweep(maxAnswers: number): number {
    return this.#entries.table.sweep(this.#clock(), maxAnswers);
  }

  /** Whether answers are past their time. */
  get areDue(): boolean {
    return this.#entries.table.earliestMs <= this.#clock();
  }

  /** Forgets answers that never became durable. */
  rewind(): void {
    for (const decided of this.#entries.rewind()) this.#uncount(decided.value(), keyText(decided.key()));
  }

  /**
   * Gives the answers that name a record of this segment the value itself, since the segment is about to go.
   * Resolves to whether nothing names it any more.
   */
  async releaseHolds(segment: Segment, log: EntryLog, writer: LogWriter): Promise<boolean> {
    this.sweep(Number.POSITIVE_INFINITY);
    let group: RecordGroup | undefined;
    for (const name of [...segment.holds]) {
      const key = keyBytes(name);
      const held = this.#entries.table.find(key)?.value();
      const answer = held && decodeAnswer(held);
      if (answer?.kind !== "place" || answer.segment !== segment.number) continue;
      const value = await readPinned({ ...answer, segment });
      // Only what is durable and will stay the last word; the others are met again in the next round.
      const present = this.#entries.table.find(key);
      const isLast = segment.holds.has(name) && present?.value()?.equals(held!) === true;
      if (!isLast || this.#entries.isOvertaken(key)) continue;
      group = writer.current();
      this.#write(log, group, name, { kind: "value", value }, present.expiresAtMs);
      if (group.bytes > holdsSliceBytes) await group.durable;
    }
    // Also those that were answered just now have to be durable before the next round.
    await (group ?? writer.current()).durable;
    return segment.holds.size === 0;
  }

  /** What the table of answers tells when one is gone. */
  readonly dropped = (state: SlotState): void => {
    const value = this.#isCounting ? state.value() : undefined;
    if (value !== undefined) this.#uncount(value, keyText(state.key()));
  };

  /** What ends by then was recorded longer ago than anybody repeats a call. */
  #endedEarlyMs(): number {
    return this.#clock() + idempotencyRetentionMs - idempotencyGuaranteeMs;
  }

  #write(log: EntryLog, group: RecordGroup, name: string, answer: TokenAnswer, expiresAtMs: number): void {
    const value = encodeAnswer(answer);
    log.put(group, this.#entries, [{ key: keyBytes(name), value }], expiresAtMs, true);
    this.#count(value, name);
  }

  #count(value: Buffer, name: string): void {
    const answer = decodeAnswer(value);
    this.#bytes += cost(answer, value, name);
    this.#segmentOf(answer)?.holds.add(name);
  }

  #uncount(value: Buffer, name: string): void {
    const answer = decodeAnswer(value);
    this.#bytes -= cost(answer, value, name);
    this.#segmentOf(answer)?.holds.delete(name);
  }

  #segmentOf(answer: TokenAnswer): Segment | undefined {
    return answer.kind === "place" ? this.#memory.segments.get(answer.segment) : undefined;
  }
}

function cost(answer: TokenAnswer, value: Buffer, name: string): number {
  // About the same before and after a value has taken the place of its record's place.
  const held = answer.kind === "place" ? answer.length : recordHeaderBytes + value.length;
  return overheadBytes + 2 * name.length + held;
}
