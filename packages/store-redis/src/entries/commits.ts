/**
 * Commits: conditions and changes of keys in one shard, which a script checks and makes in one step.
 *
 * Scripts add numbers where Lua is exact. For the rest the node reads the entries, adds, and commits the sums under the
 * versions that it read. All attempts have the same idempotency key, so however many were sent, one takes effect.
 */

import type { AddChange, CommitOutcome, CommitRequest, Condition } from "@everdict/protocol";
import { type AddResult, addToNumber, commitDigest, type IdempotencyOption } from "@everdict/store";
import { keyedCall } from "../answers/recorded-answers.ts";
import { read } from "../context/commands.ts";
import { foreignEntry } from "../context/data-loss.ts";
import { type StoreContext, wholeMs } from "../context/store-context.ts";
import {
  encodeHeader,
  encodeLife,
  isEntry,
  isLive,
  isPointer,
  readPointer,
  valueIn,
  versionOf,
} from "../formats/entry-header.ts";
import { reapLargeValue } from "../large-values/remove-large-values.ts";
import type { DictDirectory } from "../registry/dict-directory.ts";
import type { OpenDict } from "../registry/open-dict.ts";
import type { Argument } from "../resp/command-writer.ts";
import { itemsOf } from "../resp/reply.ts";
import { commitScript } from "../scripts/commit-scripts.ts";
import { shardAnswer } from "../scripts/script-answers.ts";
import { readAnswer, refusalAnswer } from "./commit-answers.ts";
import { type CommitPlan, type PlannedChange, planOf, shardOfPlan } from "./commit-plan.ts";
import { earlierEnd, entryLife, ownEnd } from "./entry-life.ts";
import type { Prepare, Prepared, ShardScripts } from "./shard-scripts.ts";
import { ShardSizes } from "./shard-sizes.ts";

/** What commits need. */
export interface CommitsOptions {
  readonly context: StoreContext;
  readonly directory: DictDirectory;
  readonly scripts: ShardScripts;
}

/** Additions as the node made them, and what it found. */
interface Additions {
  /** What must still hold: fields, and what is expected. */
  readonly guards: readonly Argument[];
  /** The sums, by the index of the change. */
  readonly sums: ReadonlyMap<number, Uint8Array>;
  /** The answer to record if one of them is not possible. */
  readonly refusal: Buffer | undefined;
}

const noAdditions: Additions = { guards: [], sums: new Map(), refusal: undefined };

/** The commits on all dictionaries. */
export class Commits {
  readonly #options: CommitsOptions;
  readonly #sizes: ShardSizes;

  constructor(options: CommitsOptions) {
    this.#options = options;
    this.#sizes = new ShardSizes(options.context);
  }

  /** See `Store.commit`. */
  commit(dictId: string, request: CommitRequest, option: IdempotencyOption): Promise<CommitOutcome> {
    const plan = planOf(request);
    const call = keyedCall("commit", dictId, option, () => commitDigest(request));
    return this.#options.directory.with(dictId, async (dict) => {
      const shard = shardOfPlan(plan, dict.shards.length);
      const reply = await this.#options.scripts.runOnce(dict, shard, call, {
        script: commitScript,
        prepare: this.#prepare(dict, shard, plan, noAdditions),
        again: (undecided) =>
          undecided === shardAnswer.addYourself
            ? this.#additions(dict, shard, plan).then((made) => this.#prepare(dict, shard, plan, made))
            : undefined,
      });
      const { outcome, retired } = readAnswer(reply, plan.changes.length);
      if (outcome.committed) this.#sizes.wrote(dict, shard, plan.changes.length);
      for (const pointer of retired) {
        void reapLargeValue(this.#options.context, dict.shards[shard]!, readPointer(pointer));
      }
      return outcome;
    });
  }

  /** What an attempt is given: counts, an answer for an addition that is not possible, conditions, guards, changes. */
  #prepare(dict: OpenDict, shard: number, { conditions, changes }: CommitPlan, made: Additions): Prepare {
    return (nowMs) => {
      const args: Argument[] = [conditions.length, made.guards.length / 2, made.refusal ?? ""];
      for (const { field, expected } of conditions) args.push(field, expectedArg(expected));
      args.push(...made.guards);
      if (made.refusal !== undefined) return { args, large: [] };
      const parts = changes.map((change, index) =>
        this.#changeArgs(dict, shard, change, made.sums.get(index), nowMs),
      );
      let endsAtMs: number | undefined;
      for (const part of parts) {
        args.push(...part.args);
        endsAtMs = earlierEnd(endsAtMs, part.endsAtMs);
      }
      return { args, large: parts.flatMap(({ large }) => large), endsAtMs };
    };
  }

  #changeArgs(
    dict: OpenDict,
    shard: number,
    change: PlannedChange,
    sum: Uint8Array | undefined,
    nowMs: number,
  ): Prepared {
    const { field } = change;
    switch (change.kind) {
      case "put": {
        const { args, ...rest } = this.#options.scripts.entryArgs(dict, shard, [change], nowMs);
        return { args: ["p", ...args], ...rest };
      }
      case "remove":
        return { args: ["r", field], large: [] };
      case "touch": {
        const life = entryLife(dict.expiry, change.ttlMs, nowMs);
        return { args: ["t", field, encodeLife(life)], large: [], endsAtMs: ownEnd(life) };
      }
      case "add": {
        const { by, initial = "", min = "", max = "", ttlOnCreateMs } = change.numbers;
        const life = entryLife(dict.expiry, ttlOnCreateMs, nowMs);
        const numbers = sum === undefined ? [by, initial, min, max] : [sum];
        const op = sum === undefined ? "a" : "s";
        return { args: [op, field, encodeHeader(life), ...numbers], large: [], endsAtMs: ownEnd(life) };
      }
    }
  }

  /** Adds to what the entries hold now. */
  async #additions(dict: OpenDict, shard: number, { changes }: CommitPlan): Promise<Additions> {
    const { context } = this.#options;
    const { slot, key } = dict.shards[shard]!;
    context.counters.nodeAdditions++;
    const additions = changes.flatMap((change, index) =>
      change.kind === "add" ? [{ ...change, index }] : [],
    );
    const fields = additions.map(({ field }) => field);
    const found = itemsOf(await read(context.router, slot, ["HMGET", key, ...fields])) as (Buffer | null)[];
    const nowMs = wholeMs(context);
    const guards: Argument[] = [];
    const sums = new Map<number, Uint8Array>();
    for (const [order, { field, numbers, index }] of additions.entries()) {
      const entry = found[order]!;
      if (entry !== null && !isEntry(entry)) throw foreignEntry(context, dict);
      const live = entry !== null && isLive(entry, nowMs) ? entry : undefined;
      const version = live && versionOf(live);
      guards.push(field, expectedArg(version ?? "absent"));
      const added = add(live, numbers);
      if ("refused" in added) {
        const refusal = refusalAnswer({ reason: added.refused, index, found: version });
        return { guards, sums, refusal };
      }
      sums.set(index, added.value);
    }
    return { guards, sums, refusal: undefined };
  }
}

/** Numbers are too small to be large values. */
function add(live: Buffer | undefined, numbers: AddChange): AddResult {
  if (live !== undefined && isPointer(live)) return { refused: "not_a_number" };
  return addToNumber(live && valueIn(live), numbers);
}

/** What the script compares an entry with. */
function expectedArg(expected: Condition["expected"]): Argument {
  switch (expected) {
    case "absent":
    case "present":
      return expected[0]!;
    default:
      return Buffer.from(`76${expected}`, "hex");
  }
}
