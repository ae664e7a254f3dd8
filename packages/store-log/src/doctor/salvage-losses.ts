import { keyText } from "../bytes/key-text.ts";
import { movesEnd, type RecordView } from "../record/record.ts";
import type { DictName, SalvageCatalog } from "./salvage-catalog.ts";

/** Entries of a dictionary whose value is lost. */
export interface LostEntries extends DictName {
  readonly keys: readonly Uint8Array[];
}

/** What is needed of a record. */
type DecidingRecord = Pick<RecordView, "kind" | "dict" | "generation" | "expiresAtMs"> & { key(): Buffer };

/** An entry whose record is lost. */
interface LostEntry {
  readonly dict: number;
  readonly key: Buffer;
  readonly generation: number;
  expiresAtMs: number;
}

/** Entries whose record is damaged and whose key is known, as long as nothing later is found about it. */
export class SalvageLosses {
  readonly #dicts = new Map<number, Map<string, LostEntry>>();

  /** The record of an entry is lost. */
  add(record: DecidingRecord): void {
    const { dict, generation, expiresAtMs } = record;
    const lost = this.#dicts.get(dict) ?? new Map<string, LostEntry>();
    this.#dicts.set(dict, lost);
    const copy = Buffer.from(record.key());
    lost.set(keyText(copy), { dict, key: copy, generation, expiresAtMs });
  }

  /** A later record was found. */
  decided(record: DecidingRecord): void {
    const lost = this.#dicts.get(record.dict);
    if (lost === undefined) return;
    const text = keyText(record.key());
    const entry = lost.get(text);
    if (!movesEnd(record.kind)) lost.delete(text);
    else if (entry !== undefined) entry.expiresAtMs = record.expiresAtMs;
  }

  /** Lost entries that have expired anyway: an older value of theirs must not come back. */
  ended(nowMs: number): LostEntry[] {
    const all = [...this.#dicts.values()].flatMap((lost) => [...lost.values()]);
    return all.filter(({ expiresAtMs }) => expiresAtMs <= nowMs);
  }

  /** What is lost of the dictionaries that there are, but for what has expired anyway. */
  byDict(catalog: SalvageCatalog, nowMs: number): LostEntries[] {
    return [...this.#dicts].flatMap(([dict, lost]) => {
      const found = catalog.find(dict);
      if (found === undefined) return [];
      const { id, environment, name, generation } = found;
      const isThere = (entry: LostEntry) => entry.generation === generation && entry.expiresAtMs > nowMs;
      const keys = [...lost.values()].filter(isThere).map(({ key }) => key);
      return keys.length === 0 ? [] : [{ id, environment, name, keys }];
    });
  }
}
