/**
 * The catalog of a damaged log. It says what must be added so that a store opens on the saved records and all of them
 * can be reached.
 */

import type { DictRecord, EnvironmentRecord } from "@everdict/store";
import {
  type CatalogEntry,
  decodeDictEntry,
  decodeEnvironmentEntry,
  decodeNumberEntry,
  dictEntry,
  environmentEntry,
  generationEntry,
  type StoredDict,
  type StoredEnvironment,
} from "../entries/catalog.ts";
import { catalogNumber, firstDictNumber } from "../record/dict-numbers.ts";
import { RecordKind, type RecordView } from "../record/record.ts";

const defaultEnvironmentName = "main";

/** What is needed of a record. */
export type CatalogRecord = Pick<RecordView, "kind" | "dict" | "generation"> & {
  key(): Buffer;
  value(): Buffer;
};

/** Which dictionary. */
export interface DictName {
  readonly id: string;
  readonly environment: string;
  /** Empty: ephemeral. */
  readonly name: string;
}

export class SalvageCatalog {
  readonly #environments = new Map<string, StoredEnvironment>();
  readonly #dicts = new Map<string, StoredDict>();
  readonly #generations = new Map<number, number>();
  /** Of those that entries were seen of. */
  readonly #newestGenerations = new Map<number, number>();
  /** Numbers that stood for a dictionary at some time. */
  readonly #known = new Set<number>();

  /** Takes note of a record that was saved. */
  add(record: CatalogRecord): void {
    if (record.dict >= firstDictNumber) {
      const newest = this.#newestGenerations.get(record.dict) ?? 0;
      this.#newestGenerations.set(record.dict, Math.max(newest, record.generation));
    } else if (record.dict === catalogNumber && record.kind !== RecordKind.manifest) {
      if (record.kind === RecordKind.put) this.#put(record.key().toString(), record.value());
      else if (record.kind === RecordKind.remove) this.#remove(record.key().toString());
    }
  }

  /** The dictionary that a number stands for, and its generation; undefined if there is none. */
  find(number: number): (DictName & { readonly generation: number }) | undefined {
    for (const { record, number: own } of this.#dicts.values()) {
      if (own !== number) continue;
      const environment = this.#environments.get(record.environmentId)?.record.name ?? "";
      const { id, name } = record;
      return { id, environment, name, generation: this.#generations.get(number) ?? 0 };
    }
    return undefined;
  }

  /**
   * What is missing from the catalog, added to it and returned, to be written.
   *
   * @param isIncomplete - whether a part of the catalog may be lost: then entries of a dictionary that it does not know get
   *   one. Otherwise that one was deleted.
   */
  complete(isIncomplete: boolean, nowMs: number): CatalogEntry[] {
    const added: CatalogEntry[] = [];
    if (isIncomplete) added.push(...this.#addDicts(nowMs));
    added.push(...this.#addEnvironments(nowMs), ...this.#renameTwins());
    for (const { number } of this.#dicts.values()) {
      const newest = this.#newestGenerations.get(number) ?? 0;
      // The record of its last clear is lost: entries behind it show that there was one.
      if (newest <= (this.#generations.get(number) ?? 0)) continue;
      this.#generations.set(number, newest);
      added.push(generationEntry(number, newest));
    }
    return added;
  }

  #put(key: string, value: Buffer): void {
    if (key.startsWith("e:")) this.#environments.set(key, decodeEnvironmentEntry(value));
    else if (key.startsWith("g:")) this.#generations.set(Number(key.slice(2)), decodeNumberEntry(value));
    else if (key.startsWith("d:")) {
      const dict = decodeDictEntry(value);
      this.#dicts.set(key, dict);
      this.#known.add(dict.number);
    }
  }

  #remove(key: string): void {
    this.#environments.delete(key);
    this.#dicts.delete(key);
    if (key.startsWith("g:")) this.#generations.delete(Number(key.slice(2)));
  }

  /** Dictionaries for entries whose own is not known. */
  #addDicts(nowMs: number): CatalogEntry[] {
    return [...this.#newestGenerations.keys()].flatMap((number) => {
      if (this.#known.has(number)) return [];
      const record: DictRecord = {
        id: `di-salvaged${String(number).padStart(14, "0")}`,
        environmentId: this.#anEnvironmentId(),
        name: salvagedName(number),
        createdAtSeconds: nowMs / 1000,
        createdBy: "salvage",
        expiry: { policy: "never" },
      };
      return [this.#addDict({ record, number })];
    });
  }

  #anEnvironmentId(): string {
    const all = [...this.#environments.values()].map(({ record }) => record);
    const main = all.find(({ name }) => name === defaultEnvironmentName) ?? all[0];
    const [dict] = this.#dicts.values();
    return main?.id ?? dict?.record.environmentId ?? "en-salvaged00000000000000";
  }

  /** Environments of dictionaries whose own is not known. */
  #addEnvironments(nowMs: number): CatalogEntry[] {
    const added: CatalogEntry[] = [];
    const names = new Set([...this.#environments.values()].map(({ record }) => record.name));
    for (const { record: dict } of this.#dicts.values()) {
      const { environmentId: id } = dict;
      if (this.#environments.has(`e:${id}`)) continue;
      let name = defaultEnvironmentName;
      for (let count = 1; names.has(name); count++) name = salvagedName(count);
      names.add(name);
      const record: EnvironmentRecord = { id, name, webSuffix: "", createdAtSeconds: nowMs / 1000 };
      this.#environments.set(`e:${id}`, { record });
      added.push(environmentEntry({ record }));
    }
    return added;
  }

  /** Of two dictionaries of one name, of which the removal of the older is lost, the older gets another name. */
  #renameTwins(): CatalogEntry[] {
    const newest = new Map<string, StoredDict>();
    const added: CatalogEntry[] = [];
    for (const dict of [...this.#dicts.values()].sort((a, b) => b.number - a.number)) {
      const { record, number } = dict;
      const place = `${record.environmentId} ${record.name}`;
      if (record.name === "" || !newest.has(place)) newest.set(place, dict);
      else added.push(this.#addDict({ record: { ...record, name: salvagedName(number) }, number }));
    }
    return added;
  }

  #addDict(dict: StoredDict): CatalogEntry {
    const entry = dictEntry(dict);
    this.#dicts.set(entry.key.toString(), dict);
    return entry;
  }
}

function salvagedName(number: number): string {
  return `salvaged-${number}`;
}
