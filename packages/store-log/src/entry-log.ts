import type { CommitGroup } from "./commit-group.ts";
import type { DictEntries } from "./dict-entries.ts";
import { KeyState, type RecordPlace } from "./key-state.ts";
import type { KeyTable } from "./key-table.ts";
import type { LogWriter } from "./log-writer.ts";
import { type RecordFields, RecordKind } from "./record.ts";
import type { ValueCache } from "./value-cache.ts";

const noBytes = Buffer.alloc(0);
const never = Number.POSITIVE_INFINITY;

type CopyFields = Pick<RecordFields, "kind" | "version" | "expiresAtMs" | "key" | "value">;

/** An entry on its way into the log. */
export interface NewEntry {
  readonly key: Uint8Array;
  /** The same as a text (`keyText`). */
  readonly text: string;
  readonly value: Uint8Array;
  readonly expiresAtMs: number;
}

export interface EntryLogOptions {
  readonly writer: LogWriter;
  readonly cache: ValueCache;
  /** Told of every entry that became durable and will end. */
  onEnding(dict: DictEntries, expiresAtMs: number): void;
}

/**
 * Turns decisions about entries into records, and records that are durable into effects.
 *
 * Every method writes one record into a group that the caller got from `writer.current()`; records of one commit
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

  /** Writes an entry. */
  put(group: CommitGroup, dict: DictEntries, entry: NewEntry, endsCommit: boolean): KeyState {
    const { key, text, value, expiresAtMs } = entry;
    const sequence = this.#writer.nextSequence();
    const kept = dict.keepsValues || this.#cache.accepts(value.length) ? Buffer.from(value) : undefined;
    const place = group.append(
      {
        kind: RecordKind.put,
        endsCommit,
        sequence,
        dict: dict.number,
        generation: dict.generation,
        version: sequence,
        expiresAtMs,
        key,
        value,
      },
      kept,
    );
    const state = new KeyState(text, place, sequence, expiresAtMs, group.number);
    state.value = kept;
    dict.decide(state);
    group.onDurable(() => {
      dict.table.put(state);
      dict.settle(state);
      if (kept !== undefined && !dict.keepsValues) this.#cache.admit(state);
      if (expiresAtMs !== never) this.#onEnding(dict, expiresAtMs);
    });
    return state;
  }

  /** Removes an entry that is there. */
  remove(group: CommitGroup, dict: DictEntries, key: Uint8Array, text: string, endsCommit: boolean): void {
    const sequence = this.#writer.nextSequence();
    const place = group.append({
      kind: RecordKind.remove,
      endsCommit,
      sequence,
      dict: dict.number,
      generation: dict.generation,
      version: sequence,
      expiresAtMs: never,
      key,
      value: noBytes,
    });
    const state = new KeyState(text, place, sequence, never, group.number);
    state.decision = "removed";
    dict.decide(state);
    group.onDurable(() => {
      dict.table.remove(text, place);
      dict.settle(state);
    });
  }

  /** Writes the put that decides a key again, with the expiry it has by now. For compaction. */
  copyPut(dict: DictEntries, state: KeyState, key: Uint8Array, value: Uint8Array): CommitGroup {
    const fields = {
      kind: RecordKind.put,
      version: state.version,
      expiresAtMs: state.expiresAtMs,
      key,
      value,
    };
    return this.#copy(dict, state, fields, (table, place) => table.move(state, place));
  }

  /** Writes that a key has no entry again, as long as an older put could come back. For compaction. */
  copyRemoval(dict: DictEntries, state: KeyState, key: Uint8Array): CommitGroup {
    const fields = {
      kind: RecordKind.remove,
      version: state.version,
      expiresAtMs: never,
      key,
      value: noBytes,
    };
    return this.#copy(dict, state, fields, (table, place) => table.moveAsRemoval(state, place));
  }

  /** Writes the expiry that reads have given an entry again. For compaction. */
  copyTouch(dict: DictEntries, state: KeyState, key: Uint8Array): CommitGroup {
    const { version, expiresAtMs } = state;
    const fields = { kind: RecordKind.touch, version, expiresAtMs, key, value: noBytes };
    return this.#copy(dict, state, fields, (table, place) => table.touch(state, place));
  }

  /** Moves the end of a durable entry, at once in memory: a read promises no durability. */
  touch(dict: DictEntries, state: KeyState, key: Uint8Array, expiresAtMs: number): void {
    dict.table.extend(state, expiresAtMs);
    this.copyTouch(dict, state, key);
  }

  /** Writes a record about what is durable already; it takes effect if that still decides the key by then. */
  #copy(
    dict: DictEntries,
    state: KeyState,
    fields: CopyFields,
    take: (table: KeyTable, place: RecordPlace) => void,
  ): CommitGroup {
    const { table } = dict;
    const { decision } = state;
    const group = this.#writer.current();
    const sequence = this.#writer.nextSequence();
    const commit = { endsCommit: true, sequence, dict: dict.number, generation: table.generation };
    const place = group.append({ ...commit, ...fields });
    group.onDurable(() => {
      const stillDecides = dict.table === table && table.get(state.text) === state;
      if (stillDecides && state.decision === decision) take(table, place);
    });
    return group;
  }
}
