import type { FoundEntry, RecordedMethod, TimedEntry, ValueRoom } from "@everdict/protocol";
import {
  type Awaitable,
  type BytesOption,
  type Clock,
  callDigest,
  type IdempotencyOption,
} from "@everdict/store";
import type { EntryMemory } from "../index/entry-memory.ts";
import { isLive } from "../index/key-state.ts";
import type { ValueCache } from "../index/value-cache.ts";
import { holdValue, readValue } from "../index/value-source.ts";
import type { RecordGroup } from "../log/commit-group.ts";
import type { DiskRoom } from "../log/disk-room.ts";
import type { LogWriter } from "../log/log-writer.ts";
import { ownTtlBytes, recordBytes } from "../record/record.ts";
import { AnsweredCalls } from "./answered-calls.ts";
import type { DictCatalog } from "./dict-catalog.ts";
import { entryEnd, entryEndMs } from "./entry-end.ts";
import type { EntryLog } from "./entry-log.ts";
import type { LogDict } from "./log-dict.ts";
import type { RecordedAnswer } from "./recorded-answer.ts";
import type { RecordedAnswers, RecordedCall } from "./recorded-answers.ts";
import { renew } from "./renew.ts";
import { versionText } from "./version-text.ts";

export interface EntryOperationsOptions {
  readonly clock: Clock;
  readonly catalog: DictCatalog;
  readonly log: EntryLog;
  readonly writer: LogWriter;
  readonly answers: RecordedAnswers;
  readonly cache: ValueCache;
  readonly memory: EntryMemory;
  readonly room: DiskRoom;
}

/**
 * The operations on entries.
 *
 * A read sees only entries that are as durable as the dictionary promises. A change is decided within the call, on the
 * state that will be durable once everything decided before is. Its promise waits until the change itself is durable,
 * or, if it wrote nothing, until the state that its answer rests on is durable. So in a dictionary whose durability is
 * `sync` no answer rests on something that a crash can take back.
 */
export class EntryOperations {
  readonly #options: EntryOperationsOptions;
  readonly #calls: AnsweredCalls;

  constructor(options: EntryOperationsOptions) {
    this.#options = options;
    this.#calls = new AnsweredCalls(options);
  }

  get(dictId: string, key: Uint8Array, valueRoom?: ValueRoom): Awaitable<Uint8Array | undefined> {
    const { catalog, cache, clock } = this.#options;
    const dict = catalog.require(dictId);
    const state = dict.entries.table.find(key);
    const nowMs = clock();
    if (state === undefined || !isLive(state, nowMs)) return undefined;
    renew(this.#options, dict, state, key, nowMs);
    return readValue(state, cache, valueRoom);
  }

  entry(dictId: string, key: Uint8Array, valueRoom?: ValueRoom): Awaitable<FoundEntry | undefined> {
    const { catalog, cache, clock } = this.#options;
    const dict = catalog.require(dictId);
    const state = dict.entries.table.find(key);
    const nowMs = clock();
    if (state === undefined || !isLive(state, nowMs)) return undefined;
    renew(this.#options, dict, state, key, nowMs);
    const version = versionText(state.version);
    const expiresAtMs = Number.isFinite(state.expiresAtMs) ? state.expiresAtMs : undefined;
    const value = readValue(state, cache, valueRoom);
    if (value instanceof Promise) return value.then((read) => ({ value: read, version, expiresAtMs }));
    return { value, version, expiresAtMs };
  }

  contains(dictId: string, key: Uint8Array): boolean {
    const { catalog, clock } = this.#options;
    const state = catalog.require(dictId).entries.table.find(key);
    return state !== undefined && isLive(state, clock());
  }

  len(dictId: string): number {
    return this.#options.catalog.require(dictId).entries.table.size;
  }

  update(dictId: string, entries: readonly TimedEntry[], options?: BytesOption): Promise<void> {
    return this.#calls.change(dictId, (dict) => {
      if (entries.length === 0) return Promise.resolve();
      const { log, writer, clock, memory, room } = this.#options;
      memory.requireRoom();
      if (room.isFull) this.#requireNoMore(dict, entries);
      const { expiry, durability } = dict.record;
      const nowMs = clock();
      const group = writer.current(durability);
      if (entries.some(isTimed)) {
        const last = entries.length - 1;
        for (const [index, entry] of entries.entries()) {
          const end = entryEnd(expiry, nowMs, entry.ttlMs);
          log.putUntil(group, dict.entries, entry, end, index === last, options?.bytesAreGiven);
        }
      } else {
        const expiresAtMs = entryEndMs(expiry, nowMs);
        log.put(group, dict.entries, entries, expiresAtMs, true, options?.bytesAreGiven);
      }
      return room.isFull ? this.#replaced(dictId, entries, group) : group.durable;
    });
  }

  putIfAbsent(
    dictId: string,
    key: Uint8Array,
    value: Uint8Array,
    options: (IdempotencyOption & BytesOption) | undefined,
  ): Promise<boolean> {
    const { log, writer, clock } = this.#options;
    const call = this.#calls.callOf("putIfAbsent", dictId, options, () => callDigest(key, value));
    return this.#calls.once(call, dictId, answeredYes, (dict) => {
      const present = dict.entries.decided(key);
      if (present !== undefined && isLive(present, clock()))
        return this.#calls.unchanged(dict, dict.entries.evidenceGroup(present), call, { kind: "no" }, false);
      this.#options.memory.requireRoom();
      this.#options.room.requireRoom();
      const expiresAtMs = entryEndMs(dict.record.expiry, clock());
      const group = writer.current(dict.record.durability);
      const endsCommit = call === undefined;
      log.put(group, dict.entries, [{ key, value }], expiresAtMs, endsCommit, options?.bytesAreGiven);
      if (call !== undefined) this.#options.answers.record(log, group, call, { kind: "yes" });
      return group.durable.then(() => true);
    });
  }

  pop(
    dictId: string,
    key: Uint8Array,
    options: IdempotencyOption | undefined,
    valueRoom?: ValueRoom,
  ): Promise<Uint8Array | undefined> {
    const { clock, room } = this.#options;
    const call = this.#calls.callOf("pop", dictId, options, () => callDigest(key));
    const decide = (dict: LogDict): Promise<Uint8Array | undefined> => {
      const present = dict.entries.decided(key);
      if (present === undefined || !isLive(present, clock())) {
        return this.#calls.unchanged(
          dict,
          dict.entries.evidenceGroup(present),
          call,
          { kind: "nothing" },
          undefined,
        );
      }
      room.requireRoomToRemove();
      const held = holdValue(present);
      const { segment, offset, length } = present;
      const place = { kind: "place", segment: segment.number, offset, length } as const;
      const { removed, group } = this.#removeLive(dict, key, call, place);
      return group.durable.then(
        () => held.read(valueRoom),
        (error) => {
          held.release();
          if (!room.mayRemoveAfter(error)) throw error;
          return this.pop(dictId, Buffer.from(removed.key()), options, valueRoom);
        },
      );
    };
    return this.#calls.once(call, dictId, answeredValue, decide, valueRoom);
  }

  remove(dictId: string, key: Uint8Array, options: IdempotencyOption | undefined): Promise<boolean> {
    const { clock, room } = this.#options;
    const call = this.#calls.callOf("remove", dictId, options, () => callDigest(key));
    return this.#calls.once(call, dictId, answeredYes, (dict) => {
      const present = dict.entries.decided(key);
      if (present === undefined || !isLive(present, clock())) {
        return this.#calls.unchanged(dict, dict.entries.evidenceGroup(present), call, { kind: "no" }, false);
      }
      room.requireRoomToRemove();
      const { removed, group } = this.#removeLive(dict, key, call, { kind: "yes" });
      return group.durable.then(
        () => true,
        (error) => {
          if (!room.mayRemoveAfter(error)) throw error;
          return this.remove(dictId, Buffer.from(removed.key()), options);
        },
      );
    });
  }

  forgetAnswers(operation: RecordedMethod, dictId: string, forgotten: readonly string[]): void {
    const { answers } = this.#options;
    for (const idempotencyKey of forgotten) answers.forget(operation, dictId, idempotencyKey);
  }

  clear(dictId: string): Promise<void> {
    const { catalog, room } = this.#options;
    const cleared = this.#calls.change(dictId, (dict) => catalog.clear(dict));
    return cleared.catch((error: unknown) => {
      if (!room.mayClearAfter(error)) throw error;
      return this.clear(dictId);
    });
  }

  /** Writes the removal of an entry, and what is kept to answer repeats from. */
  #removeLive(dict: LogDict, key: Uint8Array, call: RecordedCall | undefined, kept: RecordedAnswer) {
    const { log, writer, answers } = this.#options;
    const group = writer.current(dict.record.durability);
    const removed = log.remove(group, dict.entries, key, call === undefined);
    if (call !== undefined) answers.record(log, group, call, kept);
    return { removed, group };
  }

  /** On a full disk: written again if it was refused together with what adds. */
  #replaced(dictId: string, entries: readonly TimedEntry[], { durable }: RecordGroup): Promise<void> {
    // The caller may use the bytes again in the meantime.
    const copies = entries.map((entry) => ({
      ...entry,
      key: Buffer.from(entry.key),
      value: Buffer.from(entry.value),
    }));
    return durable.catch((error: unknown) => {
      if (!this.#options.room.mayRemoveAfter(error)) throw error;
      return this.update(dictId, copies);
    });
  }

  /** On a full disk, lets only entries through that take no more than those whose place they take. */
  #requireNoMore(dict: LogDict, entries: readonly TimedEntry[]): void {
    const { room, clock } = this.#options;
    let bytes = 0;
    let replacedBytes = 0;
    for (const { key, value, ttlMs } of entries) {
      bytes += recordBytes(key.length, value.length);
      if (typeof ttlMs === "number") bytes += recordBytes(key.length, ownTtlBytes);
      const present = dict.entries.decided(key);
      if (present !== undefined && isLive(present, clock())) replacedBytes += present.length;
    }
    if (bytes > replacedBytes) room.requireRoom();
    room.requireRoomToRemove(bytes);
  }
}

function isTimed({ ttlMs }: TimedEntry): boolean {
  return ttlMs !== undefined;
}

function answeredYes(answer: RecordedAnswer): boolean {
  return answer.kind === "yes";
}

function answeredValue(answer: RecordedAnswer): Uint8Array | undefined {
  return answer.kind === "value" ? answer.value : undefined;
}
