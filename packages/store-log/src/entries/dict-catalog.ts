/**
 * Environments and dictionaries of the log store. The registry decides and answers. This class makes its decisions
 * durable as entries of the catalog, and keeps the entries of each dictionary beside its record.
 */

import { createError, type DictChange, type Entry, type EverdictError } from "@everdict/protocol";
import {
  type BytesOption,
  type Clock,
  type CreateDict,
  type CreatedDict,
  creationDigest,
  type DictRecord,
  type EnvironmentRecord,
  type IdempotencyOption,
  Registry,
} from "@everdict/store";
import type { EntryMemory } from "../index/entry-memory.ts";
import type { KeyTable } from "../index/key-table.ts";
import type { RecordGroup } from "../log/commit-group.ts";
import type { DiskRoom } from "../log/disk-room.ts";
import type { LogWriter } from "../log/log-writer.ts";
import { catalogNumber, firstDictNumber } from "../record/dict-numbers.ts";
import {
  type CatalogContent,
  type CatalogEntry,
  dictEntry,
  dictKey,
  environmentEntry,
  environmentKey,
  generationEntry,
  generationKey,
} from "./catalog.ts";
import { DictEntries } from "./dict-entries.ts";
import { entryEndMs } from "./entry-end.ts";
import type { EntryLog } from "./entry-log.ts";
import type { LogDict } from "./log-dict.ts";
import type { RecordedAnswer } from "./recorded-answer.ts";
import type { RecordedAnswers, RecordedCall } from "./recorded-answers.ts";
import { type TurnOutcome, Turns } from "./turns.ts";

/** Writes one record of a commit. */
type Step = (group: RecordGroup, endsCommit: boolean) => void;

export interface DictCatalogOptions {
  readonly clock: Clock;
  readonly log: EntryLog;
  readonly writer: LogWriter;
  readonly answers: RecordedAnswers;
  readonly memory: EntryMemory;
  readonly room: DiskRoom;
  /** Nobody will see a table again: a dictionary was cleared or is gone. */
  onOver(table: KeyTable): void;
  /** A dictionary is gone. */
  onRemoved(entries: DictEntries): void;
}

const never = Number.POSITIVE_INFINITY;
// Each is several records, and several effects.
const dictsPerPart = 200;

export class DictCatalog {
  readonly registry: Registry;
  readonly #options: DictCatalogOptions;
  readonly #turns = new Turns();
  readonly #byId = new Map<string, LogDict>();
  readonly #byNumber = new Map<number, LogDict>();
  #entries: DictEntries;
  #nextNumber = firstDictNumber;

  constructor(options: DictCatalogOptions) {
    this.#options = options;
    this.registry = new Registry(options.clock);
    this.#entries = new DictEntries(catalogNumber, options.memory);
  }

  /** The catalog itself, as entries. */
  get entries(): DictEntries {
    return this.#entries;
  }

  /** All dictionaries. */
  all(): IterableIterator<LogDict> {
    return this.#byId.values();
  }

  /** Takes what recovery found: the catalog's own table, its content, and the tables of dictionaries. */
  adopt(table: KeyTable, content: CatalogContent, tables: ReadonlyMap<number, KeyTable>): void {
    this.#entries = new DictEntries(catalogNumber, this.#options.memory, table);
    for (const { record, newestDictAtSeconds } of content.environments) {
      this.registry.putEnvironment(record);
      if (newestDictAtSeconds !== undefined) this.registry.raiseNewestDictAt(record.id, newestDictAtSeconds);
    }
    for (const number of tables.keys()) this.#nextNumber = Math.max(this.#nextNumber, number + 1);
    for (const { record, number } of content.dicts) {
      this.#nextNumber = Math.max(this.#nextNumber, number + 1);
      const entries = new DictEntries(number, this.#options.memory, tables.get(number));
      this.#add({ record, entries, removal: undefined });
    }
  }

  /** The live dictionary of that id. @throws `dict_not_found` */
  require(dictId: string): LogDict {
    const dict = this.#byId.get(dictId);
    const endMs = dict?.record.expiresAtMs;
    if (dict === undefined || (endMs !== undefined && this.#options.clock() >= endMs)) throw notFound(dictId);
    return dict;
  }

  /**
   * The dictionary of that id, for a change. If its deletion was decided already, an error that may be given
   * only once that is durable.
   *
   * @throws `dict_not_found`
   */
  requireForChange(dictId: string): LogDict | Promise<never> {
    const dict = this.require(dictId);
    if (dict.removal === undefined) return dict;
    return dict.removal.then(() => {
      throw notFound(dictId);
    });
  }

  /** The entries that a number in a record stands for. */
  byNumber(number: number): DictEntries | undefined {
    if (number === catalogNumber) return this.#entries;
    if (number < firstDictNumber) return this.#options.answers.entries;
    return this.#byNumber.get(number)?.entries;
  }

  /** The id of the dictionary that a number stands for; undefined if it is gone. */
  idOf(number: number): string | undefined {
    return this.#byNumber.get(number)?.record.id;
  }

  /** Resolves when no change is under way. */
  idle(): Promise<void> {
    return this.#turns.idle();
  }

  /** Forgets everything decided that will never be durable. */
  rewind(): void {
    this.#entries.rewind();
    for (const dict of this.#byId.values()) {
      dict.entries.rewind();
      dict.removal = undefined;
    }
  }

  // ---- Environments ----

  createEnvironment(id: string, name: string): Promise<{ environment: EnvironmentRecord; created: boolean }> {
    return this.#turns.take(() => {
      const plan = this.registry.planEnvironment(id, name);
      if (!plan.created) return { answer: plan };
      this.#options.room.requireRoom();
      return { answer: plan, group: this.#putEnvironment(plan.environment) };
    });
  }

  updateEnvironment(
    id: string,
    change: { readonly name?: string | undefined; readonly webSuffix?: string | undefined },
  ): Promise<EnvironmentRecord> {
    return this.#turns.take(() => {
      const record = this.registry.planEnvironmentChange(id, change);
      this.#options.room.requireRoom();
      return { answer: record, group: this.#putEnvironment(record) };
    });
  }

  /**
   * Many dictionaries go in parts before it, each a commit and a turn of its own, so that nobody waits for all of
   * them. What went stays away if a later part fails.
   */
  async deleteEnvironment(id: string): Promise<void> {
    while (await this.#remove(() => this.#removeManyOf(id)));
    return this.#remove(() => {
      const dicts = this.registry.planEnvironmentRemoval(id).map((record) => this.#byId.get(record.id)!);
      const steps = this.#removalSteps(dicts);
      steps.push(this.#removeStep(environmentKey(id)));
      const group = this.#commit(steps);
      this.#removeWith(group, dicts);
      group.onDurable(() => this.registry.removeEnvironment(id));
      return { answer: undefined, group };
    });
  }

  // ---- Dictionaries ----

  createDict(
    request: CreateDict,
    options: (IdempotencyOption & BytesOption) | undefined,
  ): Promise<CreatedDict> {
    const { answers, writer } = this.#options;
    const call =
      options?.idempotencyKey === undefined
        ? undefined
        : answers.call("createDict", request.environmentId, options, creationDigest(request));
    // The turn may come when the caller has its buffers in use again.
    const data = options?.bytesAreGiven === true ? request.data : request.data.map(copyOf);
    const decide = (): TurnOutcome<CreatedDict | Promise<CreatedDict>> => {
      this.registry.requireEnvironment(request.environmentId);
      const known = call === undefined ? undefined : answers.find(call);
      if (known !== undefined) {
        return { answer: answers.answer(call!, known, writer).then(createdOf) };
      }
      if (call !== undefined) answers.makeRoom(call);
      if (data.length > 0) this.#options.memory.requireRoom();
      return this.#decideDict({ ...request, data }, call);
    };
    return this.#turns.take<CreatedDict | Promise<CreatedDict>>(decide).then((answer) => answer);
  }

  deleteDict(dictId: string): Promise<void> {
    return this.#remove(() => {
      this.registry.requireDict(dictId);
      return { answer: undefined, group: this.#removeDicts([this.#byId.get(dictId)!]) };
    });
  }

  extendDict(dictId: string, expiresAtMs: number): Promise<void> {
    return this.#turns.take(() => {
      const record = this.registry.planDictExtension(dictId, expiresAtMs);
      if (record === undefined) return { answer: undefined };
      this.#options.room.requireRoomToRemove();
      return { answer: undefined, group: this.#putDict(record) };
    });
  }

  configureDict(dictId: string, change: DictChange): Promise<DictRecord> {
    return this.#turns.take(() => {
      const record = this.registry.planDictChange(dictId, change);
      this.#options.room.requireRoomToRemove();
      return { answer: record, group: this.#putDict(record) };
    });
  }

  /** Removes at most this many dictionaries past their end, and returns how many. */
  removeDue(maxDicts: number): Promise<number> {
    // Asked before taking a turn, so that a sweep with nothing to do waits for nobody.
    if (this.registry.dueDicts(1).length === 0) return Promise.resolve(0);
    return this.#remove(() => {
      const due = this.registry.dueDicts(maxDicts).map((record) => this.#byId.get(record.id)!);
      if (due.length === 0) return { answer: 0 };
      return { answer: due.length, group: this.#removeDicts(due) };
    });
  }

  /** Removes all entries of a dictionary: from here on records belong to its next generation. */
  clear(dict: LogDict): Promise<void> {
    const { entries, record } = dict;
    const step = this.#putStep(generationEntry(entries.number, entries.generation + 1));
    const group = this.#commit([step], this.#options.writer.current(record.durability));
    entries.decideClear(group.number);
    group.onDurable(() => this.#options.onOver(entries.clear()));
    return group.durable;
  }

  /** Writes a mark that belongs to the store as a whole. */
  putMark(entry: CatalogEntry): Promise<void> {
    return this.#commit([this.#putStep(entry)]).durable;
  }

  // ---- Commits ----

  /** A turn that is taken again if it was refused only because it went together with what adds. */
  #remove<Answer>(decide: () => TurnOutcome<Answer>): Promise<Answer> {
    return this.#turns.take(decide, this.#options.room.mayClearAfter);
  }

  #decideDict(request: CreateDict, call: RecordedCall | undefined): TurnOutcome<CreatedDict> {
    const { answers, writer, log, clock, room } = this.#options;
    const plan = this.registry.planDict(request);
    if (!plan.created && call === undefined) return { answer: plan };
    if (plan.created) room.requireRoom();
    else room.requireRoomToRemove();
    const steps: Step[] = [];
    const group = writer.current();
    if (plan.created) {
      const entries = new DictEntries(this.#nextNumber++, this.#options.memory);
      const dict: LogDict = { record: plan.dict, entries, removal: undefined };
      group.onDurable(() => this.#add(dict));
      steps.push(this.#putStep(dictEntry({ record: plan.dict, number: entries.number })));
      const expiresAtMs = entryEndMs(request.expiry, clock());
      if (request.data.length > 0)
        steps.push((_, endsCommit) => log.put(group, entries, request.data, expiresAtMs, endsCommit, true));
    }
    if (call !== undefined) {
      steps.push(() => answers.record(log, group, call, { kind: "created", created: plan }));
    }
    this.#commit(steps, group);
    return { answer: plan, group };
  }

  /** Another record of a dictionary that is there. */
  #putDict(record: DictRecord): RecordGroup {
    const dict = this.#byId.get(record.id)!;
    const group = this.#commit([this.#putStep(dictEntry({ record, number: dict.entries.number }))]);
    group.onDurable(() => {
      // What waits for a flush must not take effect behind later calls that need not wait.
      if (record.durability !== dict.record.durability) this.#options.writer.flushBeforeMore();
      dict.record = record;
      this.registry.putDict(record);
    });
    return group;
  }

  #putEnvironment(record: EnvironmentRecord): RecordGroup {
    const newestDictAtSeconds = this.registry.newestDictAtSeconds(record.id);
    const group = this.#commit([this.#putStep(environmentEntry({ record, newestDictAtSeconds }))]);
    group.onDurable(() => this.registry.putEnvironment(record));
    return group;
  }

  /** Removes dictionaries of an environment if there are more than fit a turn. */
  #removeManyOf(environmentId: string): TurnOutcome<boolean> {
    const records = this.registry.planEnvironmentRemoval(environmentId, dictsPerPart + 1);
    if (records.length <= dictsPerPart) return { answer: false };
    const dicts = records.map((record) => this.#byId.get(record.id)!);
    return { answer: true, group: this.#removeDicts(dicts) };
  }

  #removeDicts(dicts: readonly LogDict[]): RecordGroup {
    const steps = this.#removalSteps(dicts);
    // The environment's entry has to remember how new its newest dictionary was.
    for (const environmentId of new Set(dicts.map(({ record }) => record.environmentId))) {
      const record = this.registry.requireEnvironment(environmentId);
      const newestDictAtSeconds = this.registry.newestDictAtSeconds(environmentId);
      steps.push(this.#putStep(environmentEntry({ record, newestDictAtSeconds })));
    }
    const group = this.#commit(steps);
    this.#removeWith(group, dicts);
    return group;
  }

  #removalSteps(dicts: readonly LogDict[]): Step[] {
    return dicts.flatMap(({ record, entries }) => {
      const steps = [this.#removeStep(dictKey(record.id))];
      const generation = generationKey(entries.number);
      if (this.#entries.decided(generation)?.decision === "put") steps.push(this.#removeStep(generation));
      return steps;
    });
  }

  #removeWith(group: RecordGroup, dicts: readonly LogDict[]): void {
    for (const dict of dicts) dict.removal = group.durable;
    group.onDurable(() => {
      for (const dict of dicts) {
        this.registry.removeDict(dict.record.id);
        this.#byId.delete(dict.record.id);
        this.#byNumber.delete(dict.entries.number);
        this.#options.onRemoved(dict.entries);
        this.#options.onOver(dict.entries.clear());
      }
    });
  }

  #add(dict: LogDict): void {
    this.registry.putDict(dict.record);
    this.#byId.set(dict.record.id, dict);
    this.#byNumber.set(dict.entries.number, dict);
  }

  #putStep({ key, value }: CatalogEntry): Step {
    const entries = [{ key, value }];
    return (group, endsCommit) => this.#options.log.put(group, this.#entries, entries, never, endsCommit);
  }

  #removeStep(key: Buffer): Step {
    return (group, endsCommit) => this.#options.log.remove(group, this.#entries, key, endsCommit);
  }

  #commit(steps: readonly Step[], group = this.#options.writer.current()): RecordGroup {
    for (const [index, step] of steps.entries()) step(group, index === steps.length - 1);
    return group;
  }
}

function notFound(dictId: string): EverdictError {
  return createError("dict_not_found", `Dict '${dictId}' not found`);
}

function createdOf(answer: RecordedAnswer): CreatedDict {
  if (answer.kind === "created") return answer.created;
  throw createError("data_loss", "the answer kept for a repeated creation is of another kind");
}

function copyOf({ key, value }: Entry): Entry {
  return { key: Buffer.from(key), value: Buffer.from(value) };
}
