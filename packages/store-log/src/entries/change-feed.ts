/**
 * The changes of a store in the order of their sequence numbers, read from the log itself.
 *
 * There is no buffer that could overflow: a slow consumer reads further behind. Compaction bounds this. It removes
 * segments, and its copies are no changes, so a feed can go on only while every segment from its place on is there. If
 * one is missing, the feed ends with a gap, and its consumer has to begin with the present state.
 *
 * A feed shows only flushed changes, so that a sequence number never gets another meaning. A consumer that has seen
 * everything up to a number may ask for the rest, even after a crash of the store. While a consumer waits, everything
 * is flushed at least once a second, so that changes of dictionaries whose durability is not `sync` arrive in time.
 */

import type { DictRecord } from "@everdict/store";
import type { LogWriter } from "../log/log-writer.ts";
import { catalogNumber, firstDictNumber } from "../record/dict-numbers.ts";
import { RecordKind, type RecordView } from "../record/record.ts";
import { RecordReader } from "../segments/record-reader.ts";
import type { Segment } from "../segments/segment.ts";
import type { SegmentSet } from "../segments/segment-set.ts";
import { decodeDictEntry } from "./catalog.ts";

const windowBytes = 128 * 1024;
const flushAfterMs = 1000;

/** Something that happened to a dictionary. Expiry and moves of it are no changes. */
export type Change =
  | {
      readonly kind: "put";
      readonly sequence: number;
      readonly dictId: string;
      readonly key: Uint8Array;
      readonly value: Uint8Array;
      readonly expiresAtMs: number;
    }
  | { readonly kind: "remove"; readonly sequence: number; readonly dictId: string; readonly key: Uint8Array }
  | { readonly kind: "clear"; readonly sequence: number; readonly dictId: string }
  /** A dictionary was created, or its record changed. */
  | { readonly kind: "dict"; readonly sequence: number; readonly dict: DictRecord }
  | { readonly kind: "deleteDict"; readonly sequence: number; readonly dictId: string };

/**
 * An event of a feed: some changes and up to where they are complete, or, as the last one, that some changes are lost.
 */
export type FeedEvent =
  | { readonly kind: "changes"; readonly changes: readonly Change[]; readonly upToSequence: number }
  | { readonly kind: "gap" };

export interface ChangeFeedParts {
  readonly segments: SegmentSet;
  readonly writer: LogWriter;
  /** The id of the dictionary that a number stands for; undefined if it is gone. */
  dictIdOf(number: number): string | undefined;
  /** @throws `store_closed` */
  requireOpen(): void;
}

interface Position {
  readonly segment: Segment;
  readonly reader: RecordReader;
}

/**
 * The changes after a sequence number, as they become durable, without end. A change of a dictionary that is gone by
 * the time when it is read may be left out; its deletion is not.
 *
 * @param signal - ends the feed
 * @throws `store_closed` once the store is closed
 */
export async function* changesAfter(
  afterSequence: number,
  parts: ChangeFeedParts,
  signal?: AbortSignal,
): AsyncGenerator<FeedEvent> {
  const { segments, writer } = parts;
  parts.requireOpen();
  // A number that this log has not come to is another log's, or one's of which the end was lost.
  const isAhead = afterSequence > writer.appliedSequence("memory");
  // Before the first segment is flushed there is nothing that could be missing.
  while (writer.durable.segment === 0 && !isAhead && !signal?.aborted) {
    await nextFlush(writer, signal);
    parts.requireOpen();
  }
  let position = isAhead ? undefined : await find(afterSequence, parts);
  let shownUpTo = afterSequence;
  while (!signal?.aborted) {
    parts.requireOpen();
    if (position?.segment.file === undefined) {
      yield { kind: "gap" };
      return;
    }
    const { segment, reader } = position;
    const { durable } = writer;
    const isSealed = segment.number < durable.segment;
    const to = isSealed ? segment.bytes : durable.offset;
    if (reader.offset < to) {
      const batch = new Batch(parts, afterSequence);
      await readPinned(segment, reader, to, batch.add);
      if (batch.lastSequence > shownUpTo) {
        shownUpTo = batch.lastSequence;
        yield { kind: "changes", changes: batch.changes, upToSequence: shownUpTo };
      }
    } else if (isSealed) {
      const next = segments.get(segment.number + 1);
      position = next && { segment: next, reader: readerOf(next) };
    } else await nextFlush(writer, signal);
  }
}

class Batch {
  readonly changes: Change[] = [];
  lastSequence = 0;
  readonly #parts: ChangeFeedParts;
  readonly #afterSequence: number;

  constructor(parts: ChangeFeedParts, afterSequence: number) {
    this.#parts = parts;
    this.#afterSequence = afterSequence;
  }

  readonly add = (record: RecordView): void => {
    this.lastSequence = record.sequence;
    if (record.sequence <= this.#afterSequence) return;
    const change = changeOf(record, this.#parts);
    if (change !== undefined) this.changes.push(change);
  };
}

function changeOf(record: RecordView, parts: ChangeFeedParts): Change | undefined {
  const { kind, sequence, dict, expiresAtMs } = record;
  // A copy that compaction made says nothing new.
  if (record.version !== sequence) return undefined;
  if (kind !== RecordKind.put && kind !== RecordKind.remove) return undefined;
  if (dict === catalogNumber) return catalogChangeOf(record, parts);
  const dictId = dict < firstDictNumber ? undefined : parts.dictIdOf(dict);
  if (dictId === undefined) return undefined;
  const key = record.key();
  if (kind === RecordKind.remove) return { kind: "remove", sequence, dictId, key };
  return { kind: "put", sequence, dictId, key, value: record.value(), expiresAtMs };
}

function catalogChangeOf(record: RecordView, parts: ChangeFeedParts): Change | undefined {
  const { sequence } = record;
  const key = record.key().toString("latin1");
  const isPut = record.kind === RecordKind.put;
  if (key.startsWith("d:")) {
    if (isPut) return { kind: "dict", sequence, dict: decodeDictEntry(record.value()).record };
    return { kind: "deleteDict", sequence, dictId: key.slice(2) };
  }
  if (!key.startsWith("g:") || !isPut) return undefined;
  const dictId = parts.dictIdOf(Number(key.slice(2)));
  return dictId === undefined ? undefined : { kind: "clear", sequence, dictId };
}

/** The segment that has the first record after a sequence number; undefined if it is not, or not surely, there. */
async function find(
  afterSequence: number,
  { segments, writer }: ChangeFeedParts,
): Promise<Position | undefined> {
  const flushed = [...segments.all()].filter(({ number }) => number <= writer.durable.segment);
  for (let index = flushed.length - 1; index >= 0; index--) {
    const segment = flushed[index]!;
    const first = await firstSequence(segment);
    if (first === undefined) return undefined;
    if (first <= afterSequence + 1 || segment.number === 1) return { segment, reader: readerOf(segment) };
    if (flushed[index - 1]?.number !== segment.number - 1) return undefined;
  }
  return undefined;
}

/** Every segment begins with a manifest, whose sequence number is the lowest in it. */
async function firstSequence(segment: Segment): Promise<number | undefined> {
  if (segment.file === undefined) return undefined;
  let sequence: number | undefined;
  const reader = new RecordReader({ file: segment.file, salt: segment.salt }, 1);
  await readPinned(segment, reader, segment.bytes, (record) => {
    sequence ??= record.sequence;
  });
  return sequence;
}

function readerOf(segment: Segment): RecordReader {
  return new RecordReader({ file: segment.file!, salt: segment.salt }, windowBytes);
}

async function readPinned(
  segment: Segment,
  reader: RecordReader,
  to: number,
  visit: (record: RecordView) => void,
): Promise<void> {
  segment.pin();
  try {
    await reader.readTo(to, visit);
  } catch (error) {
    const offset = (error as { offset?: number }).offset;
    throw offset === undefined ? error : segment.damaged(offset, (error as Error).message);
  } finally {
    segment.unpin();
  }
}

/** Resolves at the next flush, which there will be if there is something to flush, or when the feed is to end. */
function nextFlush(writer: LogWriter, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      forget();
      resolve();
    };
    const forget = writer.onFlush(end);
    const timer = setTimeout(() => {
      if (writer.appliedSequence("memory") > writer.durable.sequence) writer.flush();
      else end();
    }, flushAfterMs);
    timer.unref();
    signal?.addEventListener("abort", end);
  });
}
