/**
 * The keys of one generation of a dictionary, as far as they are durable: every method here is the effect of a
 * record that was flushed, or read back at start.
 *
 * A JavaScript `Map` holds at most 2^24 entries and stops the world while it grows, so keys are spread over
 * shards from the start. Shards are made when first needed; most dictionaries are small.
 */

import { ExpiryList } from "./expiry-list.ts";
import type { KeyState, RecordPlace } from "./key-state.ts";
import type { Segment } from "./segment.ts";

const shardCount = 64;
const hashedCharacters = 8;
const discardSlice = 2048;

/** Told when a state's entry is gone, or another record has taken its place. */
export type OnDropped = (state: KeyState) => void;

/** A moment, and the version of the mark that says so: older entries that ended by then are gone. */
export interface SweptUpTo {
  readonly expiresAtMs: number;
  readonly version: number;
}

const sweptNothing: SweptUpTo = { expiresAtMs: Number.NEGATIVE_INFINITY, version: 0 };

// Each list is in order of ends only among its own. Entries that were written end `ttlMs` later; those that were
// read have some slack added; those found at start may be of either kind.
const written = 0;
const touched = 1;
const recovered = 2;

export class KeyTable {
  readonly generation: number;
  readonly #shards: (Map<string, KeyState> | undefined)[] = new Array(shardCount).fill(undefined);
  readonly #onDropped: OnDropped;
  #size = 0;
  #lists: readonly ExpiryList[] | undefined;

  constructor(generation: number, onDropped: OnDropped) {
    this.generation = generation;
    this.#onDropped = onDropped;
  }

  /** The number of entries, due ones that are not yet swept included. */
  get size(): number {
    return this.#size;
  }

  /** What decides a key; undefined if nothing does. */
  get(text: string): KeyState | undefined {
    return this.#shards[shardOf(text)]?.get(text);
  }

  /** The shards that are in use. In each, states stand in the order in which their keys appeared. */
  shards(): Map<string, KeyState>[] {
    return this.#shards.filter((shard) => shard !== undefined);
  }

  // ---- Effects of records ----

  /** A put became durable. */
  put(state: KeyState): void {
    const index = shardOf(state.text);
    const shard = this.#shards[index] ?? new Map<string, KeyState>();
    this.#shards[index] = shard;
    const present = shard.get(state.text);
    if (present === undefined) {
      this.#size++;
    } else {
      state.olderPuts = present.olderPutsFrom(state.segment);
      this.#drop(present);
      // A key that appears again goes to the end of its shard, where streams under way do not look.
      if (present.decision === "put") state.appearedAt = present.appearedAt;
      else {
        shard.delete(state.text);
        this.#size++;
      }
    }
    shard.set(state.text, state);
    state.segment.liveBytes += state.length;
    if (state.expiresAtMs !== Number.POSITIVE_INFINITY) this.#lists?.[written]?.append(state);
  }

  /** A removal became durable. It is remembered as long as an older put could come back. */
  remove(text: string, place: RecordPlace): void {
    const state = this.get(text);
    if (state === undefined) return;
    const olderPuts = state.olderPutsFrom(place.segment);
    this.#drop(state);
    if (state.decision === "put") this.#size--;
    state.decision = "removed";
    state.olderPuts = olderPuts;
    state.touch = undefined;
    state.moveTo(place);
    place.segment.liveBytes += place.length;
    if (olderPuts === undefined) this.#forget(state);
  }

  /** A move of an entry's expiry became durable. */
  touch(state: KeyState, place: RecordPlace): void {
    if (state.touch !== undefined) state.touch.segment.liveBytes -= state.touch.length;
    state.touch = place;
    place.segment.liveBytes += place.length;
  }

  /** A copy of the deciding record became durable; a copy of a put has the touched expiry in it. */
  move(state: KeyState, place: RecordPlace): void {
    state.segment.liveBytes -= state.length;
    if (state.touch !== undefined) state.touch.segment.liveBytes -= state.touch.length;
    state.touch = undefined;
    state.moveTo(place);
    place.segment.liveBytes += place.length;
    state.isMoving = false;
  }

  /** A swept put in front of older puts was copied as a removal, which says the same in fewer bytes. */
  moveAsRemoval(state: KeyState, place: RecordPlace): void {
    state.decision = "removed";
    this.move(state, place);
  }

  /**
   * Gives up everything, since the generation is over. Goes on for as long as it is asked, some states at a time:
   * nobody should wait for it.
   */
  *discard(): Generator<void> {
    let count = 0;
    for (const shard of this.shards()) {
      for (const state of shard.values()) {
        this.#drop(state);
        if (++count % discardSlice === 0) yield;
      }
      shard.clear();
    }
  }

  /** A segment with an older put of the key is about to go. */
  forgetOlderPut(text: string, segment: Segment): void {
    const state = this.get(text);
    if (state === undefined) return;
    state.forgetOlderPut(segment);
    if (state.decision !== "put" && state.olderPuts === undefined) this.#forget(state);
  }

  // ---- Expiry ----

  /**
   * Begins to keep entries in the order of their ends. During recovery that would cost more than sorting once.
   * What had been swept when the store was open is swept again.
   */
  startExpiry(sweptUpTo: SweptUpTo = sweptNothing): void {
    this.#lists = [new ExpiryList(), new ExpiryList(), new ExpiryList()];
    const states: KeyState[] = [];
    for (const shard of this.shards()) {
      for (const state of shard.values()) {
        if (state.decision === "put" && state.expiresAtMs !== Number.POSITIVE_INFINITY) states.push(state);
      }
    }
    states.sort((a, b) => a.expiresAtMs - b.expiresAtMs);
    for (const state of states) {
      const wasSwept = state.expiresAtMs <= sweptUpTo.expiresAtMs && state.version < sweptUpTo.version;
      if (wasSwept) this.#sweepOne(state);
      else this.#lists[recovered]!.append(state);
    }
  }

  /** Moves the end of an entry that was read. */
  extend(state: KeyState, expiresAtMs: number): void {
    state.expiresAtMs = expiresAtMs;
    ExpiryList.remove(state);
    this.#lists?.[touched]?.append(state);
  }

  /** When the next entry ends, or `Infinity`. */
  get earliestMs(): number {
    let earliestMs = Number.POSITIVE_INFINITY;
    for (const list of this.#lists ?? []) {
      earliestMs = Math.min(earliestMs, list.first?.expiresAtMs ?? Number.POSITIVE_INFINITY);
    }
    return earliestMs;
  }

  /** Removes up to so many entries that ended, and says how many. */
  sweep(nowMs: number, maxEntries: number): number {
    let removed = 0;
    for (const list of this.#lists ?? []) {
      while (removed < maxEntries) {
        const state = list.first;
        if (state === undefined || state.expiresAtMs > nowMs || state.isMoving) break;
        this.#sweepOne(state);
        removed++;
      }
    }
    return removed;
  }

  #sweepOne(state: KeyState): void {
    this.#drop(state);
    this.#size--;
    state.decision = "swept";
    state.touch = undefined;
    // From here on only its place counts. Nothing of the record would be copied as it is.
    state.length = 0;
    if (state.olderPuts === undefined) this.#forget(state);
  }

  #drop(state: KeyState): void {
    state.segment.liveBytes -= state.length;
    if (state.touch !== undefined) state.touch.segment.liveBytes -= state.touch.length;
    ExpiryList.remove(state);
    this.#onDropped(state);
  }

  #forget(state: KeyState): void {
    this.#shards[shardOf(state.text)]?.delete(state.text);
    state.segment.liveBytes -= state.length;
  }
}

// Keys are pickles: they begin alike and end in an opcode or two, and differ just before.
function shardOf(text: string): number {
  let hash = text.length;
  for (let index = Math.max(0, text.length - hashedCharacters); index < text.length; index++) {
    hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0;
  }
  return (hash ^ (hash >>> 6) ^ (hash >>> 12)) & (shardCount - 1);
}
