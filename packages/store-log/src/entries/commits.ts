import type { Change, Changed, CommitOutcome, CommitRequest, Condition, Refused } from "@everdict/protocol";
import { addToNumber, type BytesOption, commitDigest, type IdempotencyOption } from "@everdict/store";
import { isLive, type KeyState } from "../index/key-state.ts";
import type { RecordGroup } from "../log/commit-group.ts";
import { recordBytes, recordHeaderBytes } from "../record/record.ts";
import { AnsweredCalls } from "./answered-calls.ts";
import { type EntryEnd, entryEnd } from "./entry-end.ts";
import type { EntryOperationsOptions } from "./entry-operations.ts";
import type { LogDict } from "./log-dict.ts";
import type { RecordedAnswer } from "./recorded-answer.ts";
import type { RecordedCall } from "./recorded-answers.ts";
import { versionText } from "./version-text.ts";

// No pickle that `addToNumber` takes for a number is as long: a longer value is not read.
const numberMaxBytes = 1024;

/** A change that is going to be made. */
interface PlannedChange {
  readonly change: Change;
  /** The live entry of its key. */
  readonly present: KeyState | undefined;
  /** Of an addition. */
  readonly sum?: Uint8Array;
}

/**
 * Commits: several changes under conditions.
 *
 * Everything is decided within the call, on the state that will be durable once everything decided before is. All
 * records are one commit of the log, with the recorded answer as the last, so a crash leaves all of it or nothing.
 */
export class Commits {
  readonly #options: EntryOperationsOptions;
  readonly #calls: AnsweredCalls;

  constructor(options: EntryOperationsOptions) {
    this.#options = options;
    this.#calls = new AnsweredCalls(options);
  }

  commit(
    dictId: string,
    request: CommitRequest,
    options: (IdempotencyOption & BytesOption) | undefined,
  ): Promise<CommitOutcome> {
    const call = this.#calls.callOf("commit", dictId, options, () => commitDigest(request));
    return this.#calls.once(call, dictId, answeredOutcome, (dict) => {
      const facts = new Facts(dict, this.#options.clock());
      const refused = firstThatFails(request.conditions, facts);
      const planned = refused ?? plan(request.changes, facts);
      if ("reason" in planned) return this.#unchanged(dict, facts, call, planned);
      if (!planned.some(isWritten)) return this.#unchanged(dict, facts, call, outcomeOfNothing(planned));
      const isAdding = planned.some(adds);
      this.#requireRoom(isAdding, planned);
      // The caller may use the bytes again before it turns out that the disk is full.
      const copy = isAdding || options?.bytesAreGiven === true ? request : copyOf(request);
      const { group, outcome } = this.#write(dict, planned, facts.nowMs, call, options);
      return group.durable.then(
        () => outcome,
        (error) => {
          if (isAdding || !this.#options.room.mayRemoveAfter(error)) throw error;
          return this.commit(dictId, copy, options);
        },
      );
    });
  }

  #unchanged(dict: LogDict, facts: Facts, call: RecordedCall | undefined, outcome: CommitOutcome) {
    return this.#calls.unchanged(dict, facts.group, call, { kind: "outcome", outcome }, outcome);
  }

  #requireRoom(isAdding: boolean, planned: readonly PlannedChange[]): void {
    const { memory, room } = this.#options;
    if (isAdding) {
      memory.requireRoom();
      room.requireRoom();
    } else room.requireRoomToRemove(removalBytes(planned));
  }

  #write(
    dict: LogDict,
    planned: readonly PlannedChange[],
    nowMs: number,
    call: RecordedCall | undefined,
    options: BytesOption | undefined,
  ): { readonly group: RecordGroup; readonly outcome: CommitOutcome } {
    const { writer, log, answers } = this.#options;
    const group = writer.current(dict.record.durability);
    const last = call === undefined ? planned.findLastIndex(isWritten) : -1;
    const results = planned.map((each, index) =>
      isWritten(each)
        ? this.#writeChange(group, dict, each, nowMs, index === last, options?.bytesAreGiven)
        : { version: undefined },
    );
    const outcome = { committed: true, results } as const;
    if (call !== undefined) answers.record(log, group, call, { kind: "outcome", outcome });
    return { group, outcome };
  }

  #writeChange(
    group: RecordGroup,
    { entries, record: { expiry } }: LogDict,
    { change, present, sum }: PlannedChange,
    nowMs: number,
    endsCommit: boolean,
    bytesAreGiven: boolean | undefined,
  ): Changed {
    const { log } = this.#options;
    const { key } = change;
    switch (change.kind) {
      case "put": {
        const end = entryEnd(expiry, nowMs, change.ttlMs);
        return { version: versionText(log.putUntil(group, entries, change, end, endsCommit, bytesAreGiven)) };
      }
      case "add": {
        const value = sum!;
        const end = present === undefined ? entryEnd(expiry, nowMs, change.ttlOnCreateMs) : endOf(present);
        return { version: versionText(log.putUntil(group, entries, { key, value }, end, endsCommit)), value };
      }
      case "remove":
        log.remove(group, entries, key, endsCommit);
        break;
      case "touch":
        log.moveEnd(group, entries, present!, key, entryEnd(expiry, nowMs, change.ttlMs), endsCommit);
    }
    return { version: versionText(present!.version) };
  }
}

/** What a decision rests on. */
class Facts {
  readonly nowMs: number;
  readonly #dict: LogDict;
  /** The group that must be durable before the decision may be told. */
  group = 0;

  constructor(dict: LogDict, nowMs: number) {
    this.#dict = dict;
    this.nowMs = nowMs;
  }

  /** The live entry of a key. */
  find(key: Uint8Array): KeyState | undefined {
    const { entries } = this.#dict;
    const state = entries.decided(key);
    this.group = Math.max(this.group, entries.evidenceGroup(state));
    return state !== undefined && isLive(state, this.nowMs) ? state : undefined;
  }
}

function firstThatFails(conditions: readonly Condition[], facts: Facts): Refused | undefined {
  for (let index = 0; index < conditions.length; index++) {
    const { key, expected } = conditions[index]!;
    const found = facts.find(key);
    const isAsExpected =
      found === undefined
        ? expected === "absent"
        : expected === "present" || expected === versionText(found.version);
    if (!isAsExpected) return refusal("condition", index, found);
  }
  return undefined;
}

function plan(changes: readonly Change[], facts: Facts): Refused | readonly PlannedChange[] {
  const planned: PlannedChange[] = [];
  for (let index = 0; index < changes.length; index++) {
    const change = changes[index]!;
    if (change.kind === "put") {
      planned.push({ change, present: undefined });
      continue;
    }
    const present = facts.find(change.key);
    if (change.kind !== "add") {
      planned.push({ change, present });
      continue;
    }
    if (present !== undefined && valueBytes(present) > numberMaxBytes)
      return refusal("not_a_number", index, present);
    const result = addToNumber(present && numberIn(present), change);
    if ("refused" in result) return refusal(result.refused, index, present);
    planned.push({ change, present, sum: result.value });
  }
  return planned;
}

function refusal(reason: Refused["reason"], index: number, found: KeyState | undefined): Refused {
  return { committed: false, reason, index, found: found && versionText(found.version) };
}

function isWritten({ change: { kind }, present }: PlannedChange): boolean {
  return kind === "put" || kind === "add" || present !== undefined;
}

function adds(planned: PlannedChange): boolean {
  return isWritten(planned) && planned.change.kind !== "remove";
}

/** What the records of removals take. */
function removalBytes(planned: readonly PlannedChange[]): number {
  return planned.filter(isWritten).reduce((sum, { change: { key } }) => sum + recordBytes(key.length, 0), 0);
}

function outcomeOfNothing(planned: readonly PlannedChange[]): CommitOutcome {
  return { committed: true, results: planned.map(() => ({ version: undefined })) };
}

function endOf({ expiresAtMs, ownTtlMs }: KeyState): EntryEnd {
  // The policy gave it an end, or it never ends, unless it has a time to live of its own.
  return { expiresAtMs, ownTtlMs, isInOrder: ownTtlMs === undefined };
}

function valueBytes({ length, keyLength }: KeyState): number {
  return length - recordHeaderBytes - keyLength;
}

/** At once, from the log if need be: it is small. */
function numberIn(state: KeyState): Uint8Array {
  return state.value() ?? state.segment.readRecordSync(state.offset, state.length).value();
}

/** A copy of a request that only removes. */
function copyOf({ conditions, changes }: CommitRequest): CommitRequest {
  return { conditions: conditions.map(withOwnKey), changes: changes.map(withOwnKey) };
}

function withOwnKey<Part extends { readonly key: Uint8Array }>(part: Part): Part {
  return { ...part, key: Buffer.from(part.key) };
}

function answeredOutcome(answer: RecordedAnswer): CommitOutcome {
  return (answer as { readonly outcome: CommitOutcome }).outcome;
}
