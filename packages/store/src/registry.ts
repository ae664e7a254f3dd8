/**
 * The registry knows which environments and dictionaries exist. It is a state machine in memory, without I/O.
 *
 * It answers *reads*, makes *decisions* (`plan…`: which record a request leads to, or which error) and takes
 * *changes* (`put…`, `remove…`). Deciding changes nothing, and a change is an after-image that can be replayed
 * any number of times from a log, in the order in which it was written.
 *
 * A decision is right only if every earlier decision was applied before it. Otherwise two creations of one name could
 * both succeed, or moving the end of a dictionary could bring it back after its deletion. A store that makes changes
 * durable first puts time between deciding and applying. Such a store lets registry changes through one at a time:
 * decide, make durable, apply, then decide the next. They are rare, and reads never wait.
 *
 * Ephemeral dictionaries end. Past `expiresAtMs` they are absent from every read and decision at once, and `dueDicts`
 * names them until they are removed.
 */

import { createError, type DictChange } from "@everdict/protocol";
import { nextCreatedAtSeconds } from "./creation-time.ts";
import { Deadlines } from "./deadlines.ts";
import { NewestFirst } from "./newest-first.ts";
import type { Clock, CreateDict, CreatedDict, DictRecord, EnvironmentRecord, ListDicts } from "./store.ts";

/** The part of a creation request that a decision needs; the initial content is the store's business. */
export type PlanDict = Omit<CreateDict, "data">;

interface Environment {
  record: EnvironmentRecord;
  /** Of all dictionaries there ever were in it, deleted and anonymous ones included. */
  newestDictAtSeconds: number | undefined;
  readonly byName: Map<string, DictRecord>;
  readonly named: NewestFirst;
  readonly ephemeralIds: Set<string>;
}

/**
 * Environments and dictionary records, for stores to build on. See the top of the file for how decisions and
 * changes go together.
 *
 * @example
 * const plan = registry.planDict(request);       // throws `environment_not_found`
 * if (plan.created) {
 *   await log.append(plan.dict);                 // nobody sees it before it is durable
 *   registry.putDict(plan.dict);
 * }
 */
export class Registry {
  readonly #clock: Clock;
  readonly #environments = new Map<string, Environment>();
  readonly #environmentIds = new Map<string, string>();
  readonly #dicts = new Map<string, DictRecord>();
  readonly #ends = new Deadlines<string>();

  /** An empty registry. The clock stamps what is created and ends anonymous dictionaries. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  // ---- Reads ----

  /** All environments, ordered by name (by UTF-16 code units). */
  listEnvironments(): EnvironmentRecord[] {
    const names = [...this.#environmentIds.keys()].sort();
    return names.map((name) => this.findEnvironment(name)!);
  }

  /** The environment of that name. */
  findEnvironment(name: string): EnvironmentRecord | undefined {
    const id = this.#environmentIds.get(name);
    return id === undefined ? undefined : this.getEnvironment(id);
  }

  /** The environment of that id. */
  getEnvironment(id: string): EnvironmentRecord | undefined {
    return this.#environments.get(id)?.record;
  }

  /** The dictionary of that name. Names belong to named dictionaries only: the empty name finds nothing. */
  findDict(environmentId: string, name: string): DictRecord | undefined {
    return this.#environments.get(environmentId)?.byName.get(name);
  }

  /** The live dictionary of that id. */
  getDict(dictId: string): DictRecord | undefined {
    const record = this.#dicts.get(dictId);
    return record !== undefined && this.#isLive(record) ? record : undefined;
  }

  /** The live dictionary of that id. @throws `dict_not_found` */
  requireDict(dictId: string): DictRecord {
    const record = this.getDict(dictId);
    if (record === undefined) throw createError("dict_not_found", `Dict '${dictId}' not found`);
    return record;
  }

  /** The environment of that id. @throws `environment_not_found` */
  requireEnvironment(id: string): EnvironmentRecord {
    return this.#require(id).record;
  }

  /** A page of the named dictionaries of an environment, newest first; costs what it returns. */
  listDicts(request: ListDicts): DictRecord[] {
    return this.#environments.get(request.environmentId)?.named.page(request) ?? [];
  }

  /** Up to `maxDicts` dictionaries past their end that are not removed yet; costs what it returns. */
  dueDicts(maxDicts: number): DictRecord[] {
    return this.#ends.allDue(this.#clock(), maxDicts).map((id) => this.#dicts.get(id)!);
  }

  /**
   * The newest creation time that was ever given out in an environment. A snapshot has to carry it, since the
   * dictionary that had it may be gone; `raiseNewestDictAt` restores it.
   */
  newestDictAtSeconds(environmentId: string): number | undefined {
    return this.#environments.get(environmentId)?.newestDictAtSeconds;
  }

  // ---- Decisions ----

  /** What creating an environment leads to: a new record, or the one that has the name or else the id. */
  planEnvironment(id: string, name: string): { environment: EnvironmentRecord; created: boolean } {
    const present = this.findEnvironment(name) ?? this.getEnvironment(id);
    if (present !== undefined) return { environment: present, created: false };
    const createdAtSeconds = nextCreatedAtSeconds(this.#clock(), undefined);
    return { environment: { id, name, webSuffix: "", createdAtSeconds }, created: true };
  }

  /** The record after a change. @throws `environment_not_found`, `environment_exists` */
  planEnvironmentChange(
    id: string,
    change: { readonly name?: string | undefined; readonly webSuffix?: string | undefined },
  ): EnvironmentRecord {
    const record = this.requireEnvironment(id);
    const name = change.name ?? record.name;
    const holder = this.#environmentIds.get(name);
    if (holder !== undefined && holder !== id) {
      throw createError("environment_exists", `Environment '${name}' already exists`);
    }
    return { ...record, name, webSuffix: change.webSuffix ?? record.webSuffix };
  }

  /**
   * The dictionaries that go with an environment, those past their end included, or some of them if there are more;
   * costs what it returns.
   *
   * @throws `environment_not_found`
   */
  planEnvironmentRemoval(id: string, maxDicts = Number.POSITIVE_INFINITY): DictRecord[] {
    const { byName, ephemeralIds } = this.#require(id);
    const records: DictRecord[] = [];
    for (const record of byName.values()) {
      if (records.length >= maxDicts) return records;
      records.push(record);
    }
    for (const dictId of ephemeralIds) {
      if (records.length >= maxDicts) return records;
      records.push(this.#dicts.get(dictId)!);
    }
    return records;
  }

  /**
   * What creating a dictionary leads to: a new record, or the one that has the name. Without a name there is
   * always a new one.
   *
   * @throws `environment_not_found`
   */
  planDict(request: PlanDict): CreatedDict {
    const environment = this.#require(request.environmentId);
    const present = environment.byName.get(request.name);
    if (present !== undefined) return { dict: present, created: false };
    const { id, environmentId, name, createdBy, expiry, durability, expiresAtMs } = request;
    const createdAtSeconds = nextCreatedAtSeconds(this.#clock(), environment.newestDictAtSeconds);
    const record: DictRecord = {
      id,
      environmentId,
      name,
      createdAtSeconds,
      createdBy,
      expiry,
      ...(durability === undefined ? {} : { durability }),
    };
    return { dict: name === "" ? { ...record, expiresAtMs } : record, created: true };
  }

  /** The record with its end moved; undefined if there is nothing to change. @throws `dict_not_found` */
  planDictExtension(dictId: string, expiresAtMs: number): DictRecord | undefined {
    const record = this.requireDict(dictId);
    if (record.name !== "" || record.expiresAtMs === expiresAtMs) return undefined;
    return { ...record, expiresAtMs };
  }

  /** The record with another expiry or durability. @throws `dict_not_found` */
  planDictChange(dictId: string, { expiry, durability }: DictChange): DictRecord {
    const record = this.requireDict(dictId);
    return {
      ...record,
      ...(expiry === undefined ? {} : { expiry }),
      ...(durability === undefined ? {} : { durability }),
    };
  }

  // ---- Changes ----

  /** Adds an environment, or replaces the one of the same id: its name may be another now. */
  putEnvironment(record: EnvironmentRecord): void {
    const present = this.#environments.get(record.id);
    if (present === undefined) {
      this.#environments.set(record.id, {
        record,
        newestDictAtSeconds: undefined,
        byName: new Map(),
        named: new NewestFirst(),
        ephemeralIds: new Set(),
      });
    } else {
      // Guarded, since in a replay the old name may belong to a later environment already.
      this.#releaseName(present.record);
      present.record = record;
    }
    this.#environmentIds.set(record.name, record.id);
  }

  /** Removes an environment and its dictionaries. Nothing happens if it is not there. */
  removeEnvironment(id: string): void {
    const environment = this.#environments.get(id);
    if (environment === undefined) return;
    for (const { id: dictId } of this.planEnvironmentRemoval(id)) this.removeDict(dictId);
    this.#environments.delete(id);
    this.#releaseName(environment.record);
  }

  /** Adds a dictionary, or replaces the one of the same id. Its environment must be there. */
  putDict(record: DictRecord): void {
    const environment = this.#require(record.environmentId);
    this.#dicts.set(record.id, record);
    this.raiseNewestDictAt(record.environmentId, record.createdAtSeconds);
    if (record.name === "") {
      environment.ephemeralIds.add(record.id);
      this.#ends.set(record.id, record.expiresAtMs ?? Number.POSITIVE_INFINITY);
    } else {
      environment.byName.set(record.name, record);
      environment.named.put(record);
    }
  }

  /** Removes a dictionary. Nothing happens if it is not there. */
  removeDict(dictId: string): void {
    const record = this.#dicts.get(dictId);
    if (record === undefined) return;
    this.#dicts.delete(dictId);
    const environment = this.#require(record.environmentId);
    if (record.name === "") {
      environment.ephemeralIds.delete(dictId);
      this.#ends.delete(dictId);
    } else {
      if (environment.byName.get(record.name)?.id === dictId) environment.byName.delete(record.name);
      environment.named.remove(dictId);
    }
  }

  /** Makes sure that later dictionaries of an environment are newer than this. Never lowers the mark. */
  raiseNewestDictAt(environmentId: string, createdAtSeconds: number): void {
    const environment = this.#require(environmentId);
    environment.newestDictAtSeconds = Math.max(environment.newestDictAtSeconds ?? 0, createdAtSeconds);
  }

  #releaseName(record: EnvironmentRecord): void {
    if (this.#environmentIds.get(record.name) === record.id) this.#environmentIds.delete(record.name);
  }

  #require(environmentId: string): Environment {
    const environment = this.#environments.get(environmentId);
    if (environment !== undefined) return environment;
    throw createError("environment_not_found", `Environment '${environmentId}' not found`);
  }

  #isLive(record: DictRecord): boolean {
    return record.expiresAtMs === undefined || this.#clock() < record.expiresAtMs;
  }
}
