/**
 * Answers to tokens: what a repeated call is answered from.
 *
 * They are entries of a dictionary of their own, written in the same commit as the effect they belong to, so
 * either both survive a crash or neither. They end after the retention time like entries do.
 *
 * The budget counts the values that answers hold on to, on disk or in memory. It is compared before an answer is
 * added, so that one of any size always fits an empty budget.
 */

import { createError, idempotencyRetentionMs } from "@everdict/protocol";
import type { Clock } from "@everdict/store";
import { tokensNumber } from "./catalog.ts";
import type { CommitGroup } from "./commit-group.ts";
import { DictEntries } from "./dict-entries.ts";
import type { EntryLog } from "./entry-log.ts";
import type { KeyState } from "./key-state.ts";
import type { SweptUpTo } from "./key-table.ts";
import { keyBytes } from "./key-text.ts";
import type { LogWriter } from "./log-writer.ts";
import type { Segment } from "./segment.ts";
import type { SegmentSet } from "./segment-set.ts";
import { decodeAnswer, encodeAnswer, type TokenAnswer } from "./token-answer.ts";
import { readPinned } from "./value-source.ts";

// A record's header, its state in memory and its slot in a map, roughly.
const overheadBytes = 256;
// How much is copied between two flushes when values take the place of references.
const holdsSliceBytes = 1024 * 1024;

export interface TokensOptions {
  readonly clock: Clock;
  readonly budgetBytes: number;
  readonly segments: SegmentSet;
}

export class Tokens {
  readonly #clock: Clock;
  readonly #budgetBytes: number;
  readonly #segments: SegmentSet;
  #entries: DictEntries;
  /** False while the log is replayed: what comes and goes then is counted at the end. */
  #isCounting = false;
  #bytes = 0;

  constructor({ clock, budgetBytes, segments }: TokensOptions) {
    this.#clock = clock;
    this.#budgetBytes = budgetBytes;
    this.#segments = segments;
    this.#entries = new DictEntries(tokensNumber, this.dropped);
  }

  /** The answers, as entries. */
  get entries(): DictEntries {
    return this.#entries;
  }

  /** Begins, with what recovery found, if it found anything. */
  start(table = this.#entries.table, sweptUpTo?: SweptUpTo): void {
    table.startExpiry(sweptUpTo);
    this.#entries = new DictEntries(tokensNumber, this.dropped, table);
    this.#isCounting = true;
    for (const shard of table.shards()) {
      for (const state of shard.values()) if (state.decision === "put") this.#count(state);
    }
  }

  /** The name under which the answer to a call is kept. */
  name(operation: string, scope: string, token: string): string {
    return Buffer.from(`${operation} ${scope}\n${token}`).toString("latin1");
  }

  /** Whether a call of that name was answered, or is being answered. */
  find(name: string): KeyState | undefined {
    const state = this.#entries.decided(name);
    return state?.decision === "put" ? state : undefined;
  }

  /** The answer that was found, once it is durable. */
  async answer(found: KeyState, writer: LogWriter): Promise<TokenAnswer> {
    const early = decodeAnswer(found.value!);
    await writer.whenDurable(this.#entries.evidenceGroup(found));
    // Asked again: meanwhile compaction may have put the value itself in the answer's place.
    const present = this.#entries.table.get(found.text)?.value;
    const answer = present === undefined ? early : decodeAnswer(present);
    if (answer.kind !== "place") return answer;
    const segment = this.#segments.get(answer.segment);
    if (segment === undefined) throw createError("data_loss", "a value kept for a repeated call is gone");
    return { kind: "value", value: await readPinned({ ...answer, segment }) };
  }

  /** Makes sure that one more answer may be kept. @throws `overloaded`, before anything was done */
  makeRoom(): void {
    while (this.#bytes >= this.#budgetBytes) {
      if (this.sweep(1) === 1) continue;
      throw createError(
        "overloaded",
        `the answers kept for repeated calls hold ${this.#bytes} bytes, the limit is ${this.#budgetBytes}`,
      );
    }
  }

  /** Ends a commit with the answer to its call. */
  record(log: EntryLog, group: CommitGroup, name: string, answer: TokenAnswer): void {
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
    for (const state of this.#entries.rewind()) this.dropped(state);
  }

  /**
   * Gives the answers that name a record of this segment the value itself, since the segment is about to go.
   * Resolves to whether nothing names it any more.
   */
  async releaseHolds(segment: Segment, log: EntryLog, writer: LogWriter): Promise<boolean> {
    this.sweep(Number.POSITIVE_INFINITY);
    let group: CommitGroup | undefined;
    for (const state of [...segment.holds]) {
      const answer = state.value === undefined ? undefined : decodeAnswer(state.value);
      if (answer?.kind !== "place") continue;
      const value = await readPinned({ ...answer, segment });
      // Only what is durable and will stay the last word; the others are met again in the next round.
      const isLast = segment.holds.has(state) && this.#entries.table.get(state.text) === state;
      if (!isLast || this.#entries.isOvertaken(state.text)) continue;
      group = writer.current();
      this.#write(log, group, state.text, { kind: "value", value }, state.expiresAtMs);
      if (group.bytes > holdsSliceBytes) await group.durable;
    }
    // Also those that were answered just now have to be durable before the next round.
    await (group ?? writer.current()).durable;
    return segment.holds.size === 0;
  }

  /** What the table of answers tells when one is gone. */
  readonly dropped = (state: KeyState): void => {
    if (!this.#isCounting || state.value === undefined) return;
    this.#bytes -= this.#cost(state);
    this.#segmentOf(state)?.holds.delete(state);
    state.value = undefined;
  };

  #write(log: EntryLog, group: CommitGroup, name: string, answer: TokenAnswer, expiresAtMs: number): void {
    const value = encodeAnswer(answer);
    const state = log.put(
      group,
      this.#entries,
      { key: keyBytes(name), text: name, value, expiresAtMs },
      true,
    );
    this.#count(state);
  }

  #count(state: KeyState): void {
    this.#bytes += this.#cost(state);
    this.#segmentOf(state)?.holds.add(state);
  }

  #cost(state: KeyState): number {
    const answer = decodeAnswer(state.value!);
    const held = answer.kind === "place" ? answer.length : state.value!.length;
    return overheadBytes + 2 * state.text.length + held;
  }

  #segmentOf(state: KeyState): Segment | undefined {
    const answer = decodeAnswer(state.value!);
    return answer.kind === "place" ? this.#segments.get(answer.segment) : undefined;
  }
}
