import type { Entry, ValueRoom } from "@everdict/protocol";
import type { Awaitable, BytesOption, Clock, TokenOperation, TokenOption } from "@everdict/store";
import type { DictCatalog } from "./dict-catalog.ts";
import { endAfterReadMs, entryEndMs } from "./entry-end.ts";
import type { EntryLog } from "./entry-log.ts";
import type { EntryMemory } from "./entry-memory.ts";
import { isLive, type KeyState } from "./key-state.ts";
import type { LogDict } from "./log-dict.ts";
import type { LogWriter } from "./log-writer.ts";
import type { TokenAnswer } from "./token-answer.ts";
import type { Tokens } from "./tokens.ts";
import type { ValueCache } from "./value-cache.ts";
import { type HeldValue, holdValue, readValue } from "./value-source.ts";

export interface EntryOperationsOptions {
  readonly clock: Clock;
  readonly catalog: DictCatalog;
  readonly log: EntryLog;
  readonly writer: LogWriter;
  readonly tokens: Tokens;
  readonly cache: ValueCache;
  readonly memory: EntryMemory;
}

/**
 * What a store does with entries.
 *
 * Reads look at what is as durable as the dictionary promises and nothing else. Changes are decided within the call,
 * on what will be so durable once everything decided before is; their promise waits until what they wrote is, or, if
 * they wrote nothing, what their answer rests on. So in a dictionary whose durability is `sync` no answer ever rests on
 * something that a crash could take back.
 */
export class EntryOperations {
  readonly #options: EntryOperationsOptions;

  constructor(options: EntryOperationsOptions) {
    this.#options = options;
  }

  get(dictId: string, key: Uint8Array, room?: ValueRoom | undefined): Awaitable<Uint8Array | undefined> {
    const { catalog, log, cache, clock } = this.#options;
    const dict = catalog.require(dictId);
    const state = dict.entries.table.find(key);
    const nowMs = clock();
    if (state === undefined || !isLive(state, nowMs)) return undefined;
    const endMs = endAfterReadMs(dict.record.expiry, state.expiresAtMs, nowMs);
    if (endMs !== undefined) log.touch(dict.entries, state, key, endMs);
    return readValue(state, cache, room);
  }

  contains(dictId: string, key: Uint8Array): boolean {
    const { catalog, clock } = this.#options;
    const state = catalog.require(dictId).entries.table.find(key);
    return state !== undefined && isLive(state, clock());
  }

  len(dictId: string): number {
    return this.#options.catalog.require(dictId).entries.table.size;
  }

  update(dictId: string, entries: readonly Entry[], options?: BytesOption): Promise<void> {
    return this.#change(dictId, (dict) => {
      if (entries.length === 0) return Promise.resolve();
      const { log, writer, clock, memory } = this.#options;
      memory.requireRoom();
      const expiresAtMs = entryEndMs(dict.record.expiry, clock());
      const group = writer.current(dict.record.durability);
      log.put(group, dict.entries, entries, expiresAtMs, true, options?.bytesAreGiven);
      return group.durable;
    });
  }

  putIfAbsent(
    dictId: string,
    key: Uint8Array,
    value: Uint8Array,
    { token, bytesAreGiven }: TokenOption & BytesOption,
  ): Promise<boolean> {
    const { log, writer, clock } = this.#options;
    return this.#once("putIfAbsent", dictId, token, answeredYes, (dict, tokenName) => {
      const present = dict.entries.decided(key);
      if (present !== undefined && isLive(present, clock()))
        return this.#unchanged(dict, present, tokenName, { kind: "no" }, false);
      this.#options.memory.requireRoom();
      const expiresAtMs = entryEndMs(dict.record.expiry, clock());
      const group = writer.current(dict.record.durability);
      const endsCommit = tokenName === undefined;
      log.put(group, dict.entries, [{ key, value }], expiresAtMs, endsCommit, bytesAreGiven);
      if (tokenName !== undefined) this.#options.tokens.record(log, group, tokenName, { kind: "yes" });
      return group.durable.then(() => true);
    });
  }

  pop(
    dictId: string,
    key: Uint8Array,
    token: string | undefined,
    room?: ValueRoom | undefined,
  ): Promise<Uint8Array | undefined> {
    const { log, writer, clock } = this.#options;
    const decide = (dict: LogDict, tokenName: string | undefined) => {
      const present = dict.entries.decided(key);
      if (present === undefined || !isLive(present, clock())) {
        return this.#unchanged(dict, present, tokenName, { kind: "nothing" }, undefined);
      }
      const held = holdValue(present);
      const { segment, offset, length } = present;
      const group = writer.current(dict.record.durability);
      log.remove(group, dict.entries, key, tokenName === undefined);
      if (tokenName !== undefined) {
        const place = { kind: "place", segment: segment.number, offset, length } as const;
        this.#options.tokens.record(log, group, tokenName, place);
      }
      return readWhen(group.durable, held, room);
    };
    return this.#once("pop", dictId, token, answeredValue, decide, room);
  }

  forgetTokens(operation: TokenOperation, dictId: string, forgotten: readonly string[]): void {
    const { tokens } = this.#options;
    for (const token of forgotten) tokens.forget(tokens.name(operation, dictId, token));
  }

  clear(dictId: string): Promise<void> {
    return this.#change(dictId, (dict) => this.#options.catalog.clear(dict));
  }

  /** An answer that changes nothing: it waits for what it rests on, or for the flush of its token. */
  #unchanged<Answer>(
    dict: LogDict,
    evidence: KeyState | undefined,
    tokenName: string | undefined,
    kept: TokenAnswer,
    answer: Answer,
  ): Promise<Answer> {
    const { tokens, log, writer } = this.#options;
    if (tokenName !== undefined) {
      const group = writer.current(dict.record.durability);
      tokens.record(log, group, tokenName, kept);
      return group.durable.then(() => answer);
    }
    const waiting = writer.whenDurable(dict.entries.evidenceGroup(evidence), dict.record.durability);
    return waiting === undefined ? Promise.resolve(answer) : waiting.then(() => answer);
  }

  /** As `#change`, but a call with a token that was answered before gets that answer. */
  #once<Answer>(
    operation: string,
    dictId: string,
    token: string | undefined,
    read: (answer: TokenAnswer) => Answer,
    decide: (dict: LogDict, tokenName: string | undefined) => Promise<Answer>,
    room?: ValueRoom | undefined,
  ): Promise<Answer> {
    const { tokens, writer } = this.#options;
    return this.#change(dictId, (dict) => {
      if (token === undefined) return decide(dict, undefined);
      const name = tokens.name(operation, dictId, token);
      const known = tokens.find(name);
      if (known !== undefined) {
        return tokens.answer(name, known, writer, dict.record.durability, room).then(read);
      }
      tokens.makeRoom();
      return decide(dict, name);
    });
  }

  // Not async functions from here on down: the decision must fall within the call, and under load a promise less
  // for each operation can be measured.
  #change<Answer>(dictId: string, decide: (dict: LogDict) => Promise<Answer>): Promise<Answer> {
    try {
      const dict = this.#options.catalog.requireForChange(dictId);
      return dict instanceof Promise ? dict : decide(dict);
    } catch (error) {
      return Promise.reject(error);
    }
  }
}

function readWhen(durable: Promise<void>, held: HeldValue, room: ValueRoom | undefined): Promise<Uint8Array> {
  return durable.then(
    () => held.read(room),
    (error) => {
      held.release();
      throw error;
    },
  );
}

function answeredYes(answer: TokenAnswer): boolean {
  return answer.kind === "yes";
}

function answeredValue(answer: TokenAnswer): Uint8Array | undefined {
  return answer.kind === "value" ? answer.value : undefined;
}
