import type { Entry } from "@everdict/protocol";
import type { Durability } from "@everdict/store";
import { DecidedKey, type RecordBytes } from "../index/decided-key.ts";
import type { KeyState, RecordPlace, TouchPlace } from "../index/key-state.ts";
import type { SlotState } from "../index/slot-state.ts";
import { MovedKey, TimedKey } from "../index/timed-key.ts";
import type { ValueCache } from "../index/value-cache.ts";
import { inlineMaxBytes, type RecordGroup } from "../log/commit-group.ts";
import type { LogWriter } from "../log/log-writer.ts";
import { keepsValue } from "../record/dict-numbers.ts";
import { encodeOwnTtl, type RecordFields, RecordKind } from "../record/record.ts";
import type { DictEntries } from "./dict-entries.ts";
import type { EntryEnd } from "./entry-end.ts";

const noBytes = Buffer.alloc(0);
const never = Number.POSITIVE_INFINITY;

type CopyFields = Pick<RecordFields, "kind" | "version" | "expiresAtMs" | "key"> & { readonly value: Buffer };

export interface EntryLogOptions {
  readonly writer: LogWriter;
  readonly cache: ValueCache;
  /** Told of every entry that became durable and will end. */
  onEnding(dict: DictEntries, expiresAtMs: number): void;
}

/**
 * Turns decisions about entries into records, and records that are durable into effects.
 *
 * Every method writes records into a group that the caller got from `writer.current()`; records of one commit
 * go into the same group, the last with `endsCommit`.
 */
export class EntryLog {
  readonly #writer: LogWriter;
  readonly #cache: ValueCache;
  readonly #onEnding: EntryLogOptions["onEnding"];

  constructor({ writer, cache, onEnding }: EntryLogOptions) {
    this.#writer = writer;
    this.#cache = cache;
    this.#onEnding = onEnding;
  }

  /**
   * Writes entries, which are a commit if it ends with them.
   *
   * @param bytesAreGiven - whether nobody will change the values: then large ones are written from where they are
   */
  put(
    group: RecordGroup,
    dict: DictEntries,
    entries: readonly Entry[],
    expiresAtMs: number,
    endsCommit: boolean,
    bytesAreGiven = false,
  ): void {
    // What is made for each entry can be measured in updates of thousands.
    const fields = { ...this.#newFields(dict), expiresAtMs };
    const decided: DecidedKey[] = [];
    for (let index = 0; index < entries.length; index++) {
      const { key, value } = entries[index]!;
      fields.sequence = fields.version = this.#writer.nextSequence();
      fields.endsCommit = endsCommit && index === entries.length - 1;
      fields.key = key;
      fields.value = value;
      const isUncopied = bytesAreGiven && value.length > inlineMaxBytes;
      const record = group.append(fields, isUncopied ? viewOf(value) : undefined);
      const each = new DecidedKey(
        dict.hashOf(key),
        key.length,
        "put",
        fields.version,
        expiresAtMs,
        group.number,
        record,
      );
      dict.decide(each);
      decided.push(each);
    }
    group.onDurable(() => {
      for (const each of decided) {
        this.#keepValue(dict, dict.table.put(each, each.segment, each.offset, each.hash), each);
        dict.settle(each);
      }
      if (expiresAtMs !== never) this.#onEnding(dict, expiresAtMs);
    });
  }

  /**
   * Writes one entry that may end at any time.
   *
   * @returns its version
   */
  putUntil(
    group: RecordGroup,
    dict: DictEntries,
    { key, value }: Entry,
    end: EntryEnd,
    endsCommit: boolean,
    bytesAreGiven = false,
  ): number {
    const { expiresAtMs, ownTtlMs } = end;
    const version = this.#writer.nextSequence();
    const isUncopied = bytesAreGiven && value.length > inlineMaxBytes;
    const isAlone = ownTtlMs === undefined;
    const fields = this.#newFields(dict);
    fields.endsCommit = endsCommit && isAlone;
    fields.sequence = fields.version = version;
    fields.expiresAtMs = expiresAtMs;
    fields.key = key;
    fields.value = value;
    const record = group.append(fields, isUncopied ? viewOf(value) : undefined);
    const put = new DecidedKey(
      dict.hashOf(key),
      key.length,
      "put",
      version,
      expiresAtMs,
      group.number,
      record,
    );
    const decided = isAlone ? put : new TimedKey(put, ownTtlMs);
    const touch = isAlone ? undefined : this.#appendTouch(group, dict, key, version, end, endsCommit);
    dict.decide(decided);
    group.onDurable(() => {
      const { table } = dict;
      const slot = table.put(decided, decided.segment, decided.offset, decided.hash);
      this.#keepValue(dict, slot, decided);
      if (!end.isInOrder) table.setEnd(table.at(slot), expiresAtMs);
      if (touch !== undefined) table.touch(table.at(slot), touch);
      dict.settle(decided);
      if (expiresAtMs !== never) this.#onEnding(dict, expiresAtMs);
    });
    return version;
  }

  /** Moves the end of an entry that is there. @param entry - as `DictEntries.decided` gives it */
  moveEnd(
    group: RecordGroup,
    dict: DictEntries,
    entry: KeyState,
    key: Uint8Array,
    end: EntryEnd,
    endsCommit: boolean,
  ): void {
    const record = this.#appendTouch(group, dict, key, entry.version, end, endsCommit);
    const decided = new MovedKey(dict.hashOf(key), entry, end, group.number, record);
    const { expiresAtMs } = end;
    dict.decide(decided);
    group.onDurable(() => {
      const { table } = dict;
      const state = table.find(decided.key(), decided.hash);
      if (state?.decision === "put" && state.version === decided.version) {
        table.setEnd(state, expiresAtMs);
        table.touch(state, record);
        if (expiresAtMs !== never) this.#onEnding(dict, expiresAtMs);
      }
      dict.settle(decided);
    });
  }

  #appendTouch(
    group: RecordGroup,
    dict: DictEntries,
    key: Uint8Array,
    version: number,
    { expiresAtMs, ownTtlMs }: EntryEnd,
    endsCommit: boolean,
  ): RecordBytes & TouchPlace {
    // One shape for all records: others can be measured in commits of thousands.
    const fields = this.#newFields(dict);
    const { kind, value } = touchFields(ownTtlMs);
    fields.kind = kind;
    fields.endsCommit = endsCommit;
    fields.sequence = this.#writer.nextSequence();
    fields.version = version;
    fields.expiresAtMs = expiresAtMs;
    fields.key = key;
    fields.value = value;
    const { segment, offset, length, bytes, start } = group.append(fields);
    return { segment, offset, length, bytes, start, largeValue: undefined, ownTtlMs };
  }

  /**
   * Removes an entry that is there. Answers what was decided, which has a copy of the key.
   *
   * @param hash - of the key
   */
  remove(
    group: RecordGroup,
    dict: DictEntries,
    key: Uint8Array,
    endsCommit: boolean,
    hash: number = dict.hashOf(key),
  ): DecidedKey {
    const sequence = this.#writer.nextSequence();
    const kind = RecordKind.remove;
    const record = group.append({
      ...this.#newFields(dict),
      kind,
      endsCommit,
      sequence,
      version: sequence,
      key,
    });
    const decided = new DecidedKey(hash, key.length, "removed", sequence, never, group.number, record);
    dict.decide(decided);
    group.onDurable(() => {
      dict.table.remove(decided.key(), record, hash);
      dict.settle(decided);
    });
    return decided;
  }

  #newFields(dict: DictEntries): { -readonly [Name in keyof RecordFields]: RecordFields[Name] } {
    return {
      kind: RecordKind.put,
      endsCommit: false,
      sequence: 0,
      dict: dict.number,
      generation: dict.generation,
      version: 0,
      expiresAtMs: never,
      key: noBytes,
      value: noBytes,
    };
  }

  /** Keeps the value of an entry that became durable in memory, if it is worth it. */
  #keepValue(dict: DictEntries, slot: number, { record, valueStart, valueLength }: DecidedKey): void {
    const { largeValue, bytes } = record;
    const state = dict.table.at(slot);
    const start = largeValue === undefined ? valueStart : 0;
    if (keepsValue(dict.number, valueLength)) state.keepValue(largeValue ?? bytes, start);
    else if (!dict.isInternal && this.#cache.accepts(valueLength))
      this.#cache.admit(state, largeValue ?? bytes, start);
  }

  /** Writes the put that decides a key again, with the end that it has by now, or will have. For compaction. */
  copyPut(dict: DictEntries, state: SlotState, key: Uint8Array, value: Buffer): RecordGroup {
    const decided = dict.decided(key);
    // A move of its end that is on its way stands in front of the copy in the log.
    const { expiresAtMs, ownTtlMs } = decided?.version === state.version ? decided : state;
    const { version } = state;
    const put = { kind: RecordKind.put, version, expiresAtMs, key, value };
    if (ownTtlMs === undefined)
      return this.#copy(dict, state, [put], (present, [place]) => dict.table.move(present, place!));
    const touch = { version, expiresAtMs, key, ...touchFields(ownTtlMs) };
    return this.#copy(dict, state, [put, touch], (present, [place, touchPlace]) =>
      dict.table.move(present, place!, { ...touchPlace!, ownTtlMs }),
    );
  }

  /** Writes that a key has no entry again, as long as an older put could come back. For compaction. */
  copyRemoval(dict: DictEntries, state: SlotState, key: Uint8Array): RecordGroup {
    const fields = {
      kind: RecordKind.remove,
      version: state.version,
      expiresAtMs: never,
      key,
      value: noBytes,
    };
    return this.#copy(dict, state, [fields], (present, [place]) => dict.table.moveAsRemoval(present, place!));
  }

  /** Writes the end of an entry that was moved again. For compaction. */
  copyTouch(dict: DictEntries, state: SlotState, key: Uint8Array): RecordGroup {
    return this.#writeTouch(dict, state, key, "sync");
  }

  /** Moves the end of a durable entry, at once in memory: a read promises no durability. */
  touch(dict: DictEntries, state: SlotState, key: Uint8Array, expiresAtMs: number): void {
    dict.table.extend(state, expiresAtMs);
    this.#writeTouch(dict, state, key, "memory");
  }

  #writeTouch(dict: DictEntries, state: SlotState, key: Uint8Array, durability: Durability): RecordGroup {
    const { version, expiresAtMs, ownTtlMs } = state;
    const fields = { version, expiresAtMs, key, ...touchFields(ownTtlMs) };
    return this.#copy(
      dict,
      state,
      [fields],
      (present, [place]) => dict.table.touch(present, { ...place!, ownTtlMs }),
      durability,
    );
  }

  /** Writes a commit about what is durable already; it takes effect if that still decides the key by then. */
  #copy(
    dict: DictEntries,
    state: SlotState,
    records: readonly CopyFields[],
    take: (state: SlotState, places: readonly RecordPlace[]) => void,
    durability: Durability = "sync",
  ): RecordGroup {
    const { table } = dict;
    const { slot, decision, version } = state;
    const group = this.#writer.current(durability);
    const places = records.map((fields, index) => {
      const sequence = this.#writer.nextSequence();
      const endsCommit = index === records.length - 1;
      const commit = { endsCommit, sequence, dict: dict.number, generation: table.generation };
      // The value was read for this copy: nobody else has it.
      return group.append({ ...commit, ...fields }, fields.value);
    });
    group.onDurable(() => {
      const present = dict.table === table ? table.peek(slot) : undefined;
      // By its version, which no other entry has: the record may have been copied meanwhile.
      if (present?.version === version && present.decision === decision) take(present, places);
    });
    return group;
  }
}

function touchFields(ownTtlMs: number | undefined): Pick<CopyFields, "kind" | "value"> {
  if (ownTtlMs === undefined) return { kind: RecordKind.touch, value: noBytes };
  return { kind: RecordKind.ownTouch, value: encodeOwnTtl(ownTtlMs) };
}

function viewOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
