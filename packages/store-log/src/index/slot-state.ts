import { recordHeaderBytes } from "../record/record.ts";
import type { Segment } from "../segments/segment.ts";
import type { Decision, KeyState, RecordPlace, TouchPlace } from "./key-state.ts";
import type { OlderPuts } from "./older-puts.ts";
import { baseOf, type Chunk, Double, doublesOf, Flag, placeOf, setRecord, Word } from "./slots.ts";
import type { TableMemory } from "./table-memory.ts";

/** What a slot needs of the table that it belongs to. */
export interface SlotTable {
  readonly memory: TableMemory;
  readonly olderPuts: OlderPuts;
  /** A slot that may not be in use any more; then undefined. */
  peek(slot: number): SlotState | undefined;
}

/** Called when a state's entry is gone, or another record has taken its place. The value still exists then. */
export type OnDropped = (state: SlotState) => void;

// What a touch takes: an object, and its place in a map.
const touchBytes = 112;

const decisions: readonly Decision[] = ["put", "swept", "removed"];

/**
 * A slot of a table, for reading and changing. It is valid until the table changes otherwise, so never across a wait:
 * the slot may then belong to another key.
 */
export class SlotState implements KeyState {
  readonly table: SlotTable;
  readonly slot: number;
  readonly #chunk: Chunk;
  readonly #place: number;

  constructor(table: SlotTable, slot: number, chunk: Chunk) {
    this.table = table;
    this.slot = slot;
    this.#chunk = chunk;
    this.#place = placeOf(slot);
  }

  /** The key, as a copy. */
  key(): Buffer {
    return this.keyStart(this.keyLength);
  }

  /** The first bytes of the key, as many as there are up to a most, as a copy. */
  keyStart(maxBytes: number): Buffer {
    return this.table.memory.arena.read(this.#word(Word.key), Math.min(maxBytes, this.keyLength));
  }

  get keyLength(): number {
    return this.#word(Word.keyLength);
  }

  get decision(): Decision {
    return decisions[this.#chunk.flags[this.#place]! & Flag.decision]!;
  }

  set decision(decision: Decision) {
    const flags = this.#chunk.flags[this.#place]! & ~Flag.decision;
    this.#chunk.flags[this.#place] = flags | decisions.indexOf(decision);
  }

  get segmentNumber(): number {
    return this.#word(Word.segment);
  }

  /** To be asked for only while the segment is there: while the table is in use. */
  get segment(): Segment {
    return this.table.memory.segments.get(this.segmentNumber)!;
  }

  get offset(): number {
    return this.#word(Word.offset);
  }

  get length(): number {
    return this.#word(Word.length);
  }

  set length(length: number) {
    this.#setWord(Word.length, length);
  }

  get version(): number {
    return this.#chunk.doubles[doublesOf(this.#place) + Double.version]!;
  }

  set version(version: number) {
    this.#chunk.doubles[doublesOf(this.#place) + Double.version] = version;
  }

  get expiresAtMs(): number {
    return this.#chunk.doubles[doublesOf(this.#place) + Double.expiresAtMs]!;
  }

  set expiresAtMs(expiresAtMs: number) {
    this.#chunk.doubles[doublesOf(this.#place) + Double.expiresAtMs] = expiresAtMs;
  }

  get ownTtlMs(): number | undefined {
    return this.touch?.ownTtlMs;
  }

  /** The version with which the key appeared; writing over a live entry keeps it. */
  get appearedAt(): number {
    return this.#chunk.doubles[doublesOf(this.#place) + Double.appearedAt]!;
  }

  set appearedAt(version: number) {
    this.#chunk.doubles[doublesOf(this.#place) + Double.appearedAt] = version;
  }

  get group(): number {
    return 0;
  }

  /** A copy of the record is on its way into the log; until it is there the state must not be swept. */
  get isMoving(): boolean {
    return this.#has(Flag.isMoving);
  }

  set isMoving(isMoving: boolean) {
    this.#set(Flag.isMoving, isMoving);
  }

  /** Since the cache last came by. */
  get wasRead(): boolean {
    return this.#has(Flag.wasRead);
  }

  set wasRead(wasRead: boolean) {
    this.#set(Flag.wasRead, wasRead);
  }

  /** An earlier record in the log, the put or one that moved its end, says that the entry ends later than it does. */
  get isShortened(): boolean {
    return this.#has(Flag.isShortened);
  }

  set isShortened(isShortened: boolean) {
    this.#set(Flag.isShortened, isShortened);
  }

  /** The cache has a place for it in its queue. */
  get isQueued(): boolean {
    return this.#has(Flag.isQueued);
  }

  set isQueued(isQueued: boolean) {
    this.#set(Flag.isQueued, isQueued);
  }

  /** The record that moved the expiry, if one did since the entry was written. */
  get touch(): TouchPlace | undefined {
    return this.#has(Flag.hasTouch) ? this.#chunk.touches?.get(this.#place) : undefined;
  }

  set touch(touch: TouchPlace | undefined) {
    const count = Number(touch !== undefined) - Number(this.#has(Flag.hasTouch));
    if (touch === undefined && count === 0) return;
    this.table.memory.tableBytes += count * touchBytes;
    this.#set(Flag.hasTouch, touch !== undefined);
    if (touch === undefined) this.#chunk.touches?.delete(this.#place);
    else {
      this.#chunk.touches ??= new Map();
      this.#chunk.touches.set(this.#place, touch);
    }
  }

  /** Whether older puts of the key could come back: see `OlderPuts`. */
  get hasOlderPuts(): boolean {
    return this.table.olderPuts.has(this.slot);
  }

  /** A later decision about the key is in `segment`. */
  noteOlderPuts(segment: Segment): void {
    const { olderPuts, memory } = this.table;
    const { segmentNumber } = this;
    const isThere = (number: number): boolean => memory.segments.get(number) !== undefined;
    olderPuts.keep(this.slot, isThere);
    const isOlder = segmentNumber !== segment.number && this.decision !== "removed";
    if (isOlder && isThere(segmentNumber)) olderPuts.add(this.slot, segmentNumber);
  }

  /** Forgets that a segment holds an older put: it is about to go. */
  forgetOlderPut({ number }: Segment): void {
    this.table.olderPuts.keep(this.slot, (other) => other !== number);
  }

  /** Counts the key among those that are kept gone in front of its older puts, or not any more. */
  bar(count: 1 | -1): void {
    for (const number of this.table.olderPuts.of(this.slot)) {
      const segment = this.table.memory.segments.get(number);
      if (segment !== undefined) segment.barredKeys += count;
    }
  }

  /** Whether this record decides the key. */
  isAt(segment: Segment, offset: number): boolean {
    return this.offset === offset && this.segmentNumber === segment.number;
  }

  /** Names the record that decides the key from now on. */
  moveTo(place: RecordPlace): void {
    const base = baseOf(this.#place);
    setRecord(this.#chunk.words, base, place.segment.number, place.offset, place.length);
  }

  get keyReference(): number {
    return this.#word(Word.key);
  }

  get valueLength(): number {
    return this.length - recordHeaderBytes - this.keyLength;
  }

  get hasValue(): boolean {
    return this.#word(Word.value) !== 0;
  }

  value(): Buffer | undefined {
    const reference = this.#word(Word.value);
    if (reference === 0) return undefined;
    return this.table.memory.arena.read(reference - 1, this.valueLength);
  }

  /** Keeps a copy of the value, which is not there yet. */
  keepValue(bytes: Uint8Array, start: number): void {
    this.#setWord(Word.value, this.table.memory.arena.add(bytes, start, this.valueLength) + 1);
  }

  /** Drops the value, if it is there. */
  dropValue(): void {
    const reference = this.#word(Word.value);
    if (reference === 0) return;
    this.table.memory.arena.remove(reference - 1);
    this.#setWord(Word.value, 0);
  }

  #word(word: number): number {
    return this.#chunk.words[baseOf(this.#place) + word]!;
  }

  #setWord(word: number, value: number): void {
    this.#chunk.words[baseOf(this.#place) + word] = value;
  }

  #has(flag: number): boolean {
    return (this.#chunk.flags[this.#place]! & flag) !== 0;
  }

  #set(flag: number, isSet: boolean): void {
    const flags = this.#chunk.flags[this.#place]!;
    this.#chunk.flags[this.#place] = isSet ? flags | flag : flags & ~flag;
  }
}
