/**
 * The keys of one generation of a dictionary, as far as they are durable: every method here is the effect of a
 * record that was flushed, or read back at start.
 */

import type { KeyHasher } from "../bytes/key-hasher.ts";
import { recordBytes, recordHeaderBytes } from "../record/record.ts";
import type { Segment } from "../segments/segment.ts";
import { EntryEnds } from "./entry-ends.ts";
import type { RecordPlace, TouchPlace } from "./key-state.ts";
import { OlderPuts } from "./older-puts.ts";
import { noSlot, SlotIndex, type SlotKeys } from "./slot-index.ts";
import { type OnDropped, SlotState, type SlotTable } from "./slot-state.ts";
import { baseOf, Double, doublesOf, placeOf, Slots, setRecord, Word } from "./slots.ts";
import type { TableMemory } from "./table-memory.ts";

const discardSlice = 2048;

/** A record of a put, and where its key is. */
export interface PutRecord {
  /** The whole record's, in bytes. */
  readonly length: number;
  readonly version: number;
  readonly expiresAtMs: number;
  /** `bytes[keyStart, keyStart + keyLength)` is the key. */
  readonly bytes: Uint8Array;
  readonly keyStart: number;
  readonly keyLength: number;
}

/** A moment, and the version of the mark that says so: older entries that ended by then are gone. */
export interface SweptUpTo {
  readonly expiresAtMs: number;
  readonly version: number;
}

const sweptNothing: SweptUpTo = { expiresAtMs: Number.NEGATIVE_INFINITY, version: 0 };

export class KeyTable implements SlotKeys, SlotTable {
  readonly generation: number;
  readonly memory: TableMemory;
  readonly olderPuts = new OlderPuts();
  readonly #slots = new Slots();
  readonly #index = new SlotIndex(this);
  readonly #ends = new EntryEnds(this.#slots);
  readonly #onDropped: OnDropped;
  readonly #hasher: KeyHasher;
  #size = 0;
  /** Of the records of entries. */
  #recordBytes = 0;
  #bytes = 0;
  #freeBytes = 0;

  constructor(generation: number, memory: TableMemory, onDropped: OnDropped) {
    this.generation = generation;
    this.memory = memory;
    this.#hasher = memory.hasher;
    this.#onDropped = onDropped;
    this.#account();
  }

  /** The number of entries, due ones that are not yet swept included. */
  get size(): number {
    return this.#size;
  }

  /** What keys and values of these take in the log. */
  get entryBytes(): number {
    return this.#recordBytes - this.#size * recordHeaderBytes;
  }

  /**
   * What decides a key; undefined if nothing does.
   *
   * @param hash - of the key
   */
  find(key: Uint8Array, hash = this.#hasher.hash(key)): SlotState | undefined {
    const slot = this.#index.find(hash, key, 0, key.length);
    return slot === noSlot ? undefined : this.at(slot);
  }

  /** A slot in use. */
  at(slot: number): SlotState {
    return new SlotState(this, slot, this.#slots.chunkOf(slot));
  }

  /** A slot that may not be in use any more; then undefined. */
  peek(slot: number): SlotState | undefined {
    return this.#slots.isInUse(slot) ? this.at(slot) : undefined;
  }

  /** All slots in use are below. */
  get end(): number {
    return this.#slots.end;
  }

  /** The first slot in use from `slot` on, or `end`. A key that is there throughout keeps its slot. */
  next(slot: number, end: number): number {
    return this.#slots.next(slot, end);
  }

  /** All states. The table must not change meanwhile, but for the state at hand. */
  *states(): Generator<SlotState> {
    const { end } = this;
    for (let slot = this.next(0, end); slot < end; slot = this.next(slot + 1, end)) yield this.at(slot);
  }

  /** Visits the slots of a window in the order of hashes: see `SlotIndex.visitWindow`. */
  visitWindow(from: number, visit: (slot: number, hash: number) => void, cells?: number): number {
    return this.#index.visitWindow(from, visit, cells);
  }

  isKeyOf(slot: number, bytes: Uint8Array, start: number, length: number): boolean {
    const { words } = this.#slots.chunkOf(slot);
    const base = baseOf(placeOf(slot));
    if (words[base + Word.keyLength] !== length) return false;
    return this.memory.arena.equals(words[base + Word.key]!, bytes, start, length);
  }

  // ---- Effects of records ----

  /**
   * A put became durable. Makes no object for a new key: opening a store calls it for every record.
   *
   * @param hash - of the key
   * @returns the slot of the key
   */
  put(record: PutRecord, segment: Segment, offset: number, hash = this.#hashOf(record)): number {
    const found = this.#index.find(hash, record.bytes, record.keyStart, record.keyLength);
    let keepsEnd = false;
    if (found !== noSlot) {
      const state = this.at(found);
      keepsEnd = state.expiresAtMs === record.expiresAtMs && this.#ends.has(found);
      this.#giveWay(state, segment, record.version);
      if (!keepsEnd) this.#ends.remove(found);
    }
    const slot = found === noSlot ? this.#add(hash, record) : found;
    const { words, doubles } = this.#slots.chunkOf(slot);
    const place = placeOf(slot);
    setRecord(words, baseOf(place), segment.number, offset, record.length);
    doubles[doublesOf(place) + Double.version] = record.version;
    doubles[doublesOf(place) + Double.expiresAtMs] = record.expiresAtMs;
    segment.liveBytes += record.length;
    this.#recordBytes += record.length;
    if (!keepsEnd && record.expiresAtMs !== Number.POSITIVE_INFINITY) this.#ends.addWritten(slot);
    return slot;
  }

  /** A removal became durable. It is remembered as long as an older put could come back. */
  remove(key: Uint8Array, place: RecordPlace): void {
    const state = this.find(key);
    if (state === undefined) return;
    this.#supersede(state, place.segment);
    this.#ends.remove(state.slot);
    if (state.decision === "put") this.#uncount(state);
    state.decision = "removed";
    state.bar(1);
    state.touch = undefined;
    state.isShortened = false;
    state.moveTo(place);
    place.segment.liveBytes += place.length;
    if (!state.hasOlderPuts) this.#forget(state);
  }

  /** A record that moved an entry's end became durable: a copy maybe, later than one behind it in the log. */
  touch(state: SlotState, place: TouchPlace): void {
    const { touch } = state;
    if (touch !== undefined && isBehind(touch, place)) return;
    if (touch !== undefined) touch.segment.liveBytes -= touch.length;
    // Not the place itself: a record that was just written holds on to the bytes of its whole group.
    const { segment, offset, length, ownTtlMs } = place;
    state.touch = { segment, offset, length, ownTtlMs };
    segment.liveBytes += length;
  }

  /**
   * A copy of the deciding record became durable. A copy of a put has the expiry in it that the entry had when it was
   * made; a touch that took effect since stands behind it in the log, and is still needed.
   *
   * @param touch - behind the copy, with the entry's own time to live
   */
  move(state: SlotState, place: RecordPlace, touch?: TouchPlace): void {
    const known = state.touch;
    if (state.decision === "put") this.#recordBytes += place.length - state.length;
    this.#discount(state);
    state.touch = undefined;
    state.moveTo(place);
    place.segment.liveBytes += place.length;
    state.isMoving = false;
    const isTouched = known !== undefined && isBehind(known, place);
    if (!isTouched) state.isShortened = false;
    const last = isTouched ? known : touch;
    if (last !== undefined) this.touch(state, last);
  }

  /** A swept put in front of older puts was copied as a removal, which says the same in fewer bytes. */
  moveAsRemoval(state: SlotState, place: RecordPlace): void {
    state.decision = "removed";
    this.move(state, place);
  }

  /**
   * Gives up everything, since the generation is over. Goes on for as long as it is asked, some states at a time:
   * nobody should wait for it.
   */
  *discard(): Generator<void> {
    let count = 0;
    for (const state of this.states()) {
      this.#drop(state);
      state.touch = undefined;
      if (state.decision !== "put") state.bar(-1);
      this.memory.arena.remove(state.keyReference);
      if (++count % discardSlice === 0) yield;
    }
    this.#count(0, 0);
  }

  /** A segment with an older put of the key is about to go. */
  forgetOlderPut(state: SlotState, segment: Segment): void {
    const isBarred = state.decision !== "put";
    if (isBarred) state.bar(-1);
    state.forgetOlderPut(segment);
    if (isBarred) state.bar(1);
    if (isBarred && !state.hasOlderPuts) this.#forget(state);
  }

  // ---- Expiry ----

  /** Ends recovery. What had been swept when the store was open is swept again. */
  endRecovery(sweptUpTo: SweptUpTo = sweptNothing): void {
    this.#ends.endRecovery((slot) => {
      const state = this.peek(slot);
      return state?.decision === "put" && state.expiresAtMs !== Number.POSITIVE_INFINITY;
    });
    this.#ends.visitUpTo(sweptUpTo.expiresAtMs, (slot) => {
      const state = this.at(slot);
      if (state.version < sweptUpTo.version) this.#sweepOne(state);
    });
  }

  /** Moves the end of an entry that was read. */
  extend(state: SlotState, expiresAtMs: number): void {
    this.#ends.remove(state.slot);
    state.expiresAtMs = expiresAtMs;
    if (state.ownTtlMs === undefined) this.#ends.addRead(state.slot);
    else this.#ends.add(state.slot);
  }

  /** Moves the end of an entry to any time: one that need not be the last of all. */
  setEnd(state: SlotState, expiresAtMs: number): void {
    if (expiresAtMs === state.expiresAtMs && this.#ends.isApart(state.slot)) return;
    this.#ends.remove(state.slot);
    if (expiresAtMs < state.expiresAtMs) state.isShortened = true;
    state.expiresAtMs = expiresAtMs;
    if (expiresAtMs !== Number.POSITIVE_INFINITY) this.#ends.add(state.slot);
    this.#account();
  }

  /** When the next entry ends, or `Infinity`. */
  get earliestMs(): number {
    return this.#ends.earliestMs;
  }

  /**
   * Removes at most this many entries that ended, and returns how many.
   *
   * @param isHeld - whether an entry has to stay for now
   */
  sweep(nowMs: number, maxEntries: number, isHeld?: (state: SlotState) => boolean): number {
    return this.#ends.sweep(nowMs, maxEntries, (slot) => {
      const state = this.at(slot);
      if (state.isMoving || isHeld?.(state) === true) return false;
      this.#sweepOne(state);
      return true;
    });
  }

  /** Removes an entry before its end. Nothing in the log says so: a restart brings it back. */
  drop(state: SlotState): void {
    if (state.decision === "put" && !state.isMoving) this.#sweepOne(state);
  }

  #hashOf({ bytes, keyStart, keyLength }: PutRecord): number {
    return this.#hasher.hash(bytes, keyStart, keyStart + keyLength);
  }

  #add(hash: number, { bytes, keyStart, keyLength, version }: PutRecord): number {
    const slot = this.#slots.take();
    const { words, doubles } = this.#slots.chunkOf(slot);
    const place = placeOf(slot);
    words[baseOf(place) + Word.key] = this.memory.arena.add(bytes, keyStart, keyLength);
    words[baseOf(place) + Word.keyLength] = keyLength;
    doubles[doublesOf(place) + Double.appearedAt] = version;
    this.#index.insert(hash, slot);
    this.#size++;
    this.#account();
    return slot;
  }

  /** Another put becomes what decides the key. */
  #giveWay(state: SlotState, segment: Segment, version: number): void {
    this.#supersede(state, segment);
    state.touch = undefined;
    state.isShortened = false;
    state.isMoving = false;
    if (state.decision === "put") {
      this.#recordBytes -= state.length;
      return;
    }
    this.#size++;
    state.appearedAt = version;
    state.decision = "put";
  }

  #sweepOne(state: SlotState): void {
    const { touch, isShortened } = state;
    this.#drop(state);
    this.#ends.remove(state.slot);
    this.#uncount(state);
    if (touch !== undefined && isShortened) {
      // Without the record that moved its end forward, the put would bring the entry back.
      this.#noteOlderPuts(state, touch.segment);
      state.moveTo(touch);
    }
    state.decision = "swept";
    state.touch = undefined;
    state.isShortened = false;
    state.bar(1);
    // In front of older puts its record is needed; of it no more would be copied than that the entry is gone.
    const isNeeded = state.hasOlderPuts;
    state.length = isNeeded ? recordBytes(state.keyLength, 0) : 0;
    if (isNeeded) state.segment.liveBytes += state.length;
    else this.#forget(state);
  }

  /** An entry is gone; its record still stands in its slot. */
  #uncount({ length }: SlotState): void {
    this.#size--;
    this.#recordBytes -= length;
  }

  /** Another record in that segment decides the key from now on. */
  #supersede(state: SlotState, segment: Segment): void {
    if (state.decision !== "put") state.bar(-1);
    this.#noteOlderPuts(state, segment);
    this.#drop(state);
  }

  #noteOlderPuts(state: SlotState, segment: Segment): void {
    const bytesBefore = this.olderPuts.bytes;
    state.noteOlderPuts(segment);
    if (this.olderPuts.bytes !== bytesBefore) this.#account();
  }

  #drop(state: SlotState): void {
    this.#discount(state);
    this.#onDropped(state);
    state.dropValue();
  }

  /** Its records decide nothing any more. Of a generation that is over they may be gone already. */
  #discount(state: SlotState): void {
    const segment = this.memory.segments.get(state.segmentNumber);
    if (segment !== undefined) segment.liveBytes -= state.length;
    const { touch } = state;
    if (touch !== undefined) touch.segment.liveBytes -= touch.length;
  }

  #forget(state: SlotState): void {
    const segment = this.memory.segments.get(state.segmentNumber);
    if (segment !== undefined) segment.liveBytes -= state.length;
    this.olderPuts.clear(state.slot);
    this.#index.remove(this.#hasher.hash(state.key()), state.slot);
    this.memory.arena.remove(state.keyReference);
    this.#slots.release(state.slot);
    this.#account();
  }

  /** Says what the table takes, as it has changed. */
  #account(): void {
    this.#count(
      this.#slots.bytes + this.#index.bytes + this.olderPuts.bytes + this.#ends.bytes,
      this.#slots.freeBytes,
    );
  }

  #count(bytes: number, freeBytes: number): void {
    this.memory.tableBytes += bytes - this.#bytes;
    this.memory.freeSlotBytes += freeBytes - this.#freeBytes;
    this.#bytes = bytes;
    this.#freeBytes = freeBytes;
  }
}

/** Whether a record is behind another one in the log. */
function isBehind(record: RecordPlace, other: RecordPlace): boolean {
  const segments = record.segment.number - other.segment.number;
  return segments > 0 || (segments === 0 && record.offset > other.offset);
}
