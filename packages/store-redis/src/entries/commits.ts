/** Commits: conditions and changes of keys in one shard, which a script checks and makes in one step. */

import type { CommitOutcome, CommitRequest, Condition } from "@everdict/protocol";
import { commitDigest, type IdempotencyOption } from "@everdict/store";
import { keyedCall } from "../answers/recorded-answers.ts";
import type { StoreContext } from "../context/store-context.ts";
import { encodeHeader, encodeLife, readPointer } from "../formats/entry-header.ts";
import type { LargeWrite } from "../large-values/large-values.ts";
import { reapLargeValue } from "../large-values/remove-large-values.ts";
import type { DictDirectory } from "../registry/dict-directory.ts";
import type { OpenDict } from "../registry/open-dict.ts";
import type { Argument } from "../resp/command-writer.ts";
import { commitScript } from "../scripts/commit-scripts.ts";
import { readAnswer } from "./commit-answers.ts";
import { type CommitPlan, type PlannedChange, planOf, shardOfPlan } from "./commit-plan.ts";
import { checkCommitSize } from "./commit-size.ts";
import { earlierEnd, entryLife, ownEnd } from "./entry-life.ts";
import type { Prepared, ShardScripts } from "./shard-scripts.ts";
import { ShardSizes } from "./shard-sizes.ts";

/** What commits need. */
export interface CommitsOptions {
  readonly context: StoreContext;
  readonly directory: DictDirectory;
  readonly scripts: ShardScripts;
}

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
    checkCommitSize(request);
    const plan = planOf(request);
    const call = keyedCall("commit", dictId, option, () => commitDigest(request));
    return this.#options.directory.with(dictId, async (dict) => {
      const shard = shardOfPlan(plan, dict.shards.length);
      const reply = await this.#options.scripts.runOnce(dict, shard, call, commitScript, (nowMs) =>
        this.#prepare(dict, shard, plan, nowMs),
      );
      const { outcome, retired } = readAnswer(reply, plan.changes.length);
      if (outcome.committed) this.#sizes.wrote(dict, shard, plan.changes.length);
      for (const pointer of retired) {
        void reapLargeValue(this.#options.context, dict.shards[shard]!, readPointer(pointer));
      }
      return outcome;
    });
  }

  /** What an attempt is given: a count, whether it adds, conditions, changes. */
  #prepare(dict: OpenDict, shard: number, { conditions, changes }: CommitPlan, nowMs: number): Prepared {
    const adds = changes.some(({ kind }) => kind === "add");
    const args: Argument[] = [conditions.length, adds ? "1" : "0"];
    for (const { field, expected } of conditions) args.push(field, expectedArg(expected));
    const large: LargeWrite[] = [];
    let endsAtMs: number | undefined;
    for (const change of changes) {
      const part = this.#changeArgs(dict, shard, change, nowMs);
      args.push(...part.args);
      large.push(...part.large);
      endsAtMs = earlierEnd(endsAtMs, part.endsAtMs);
    }
    return { args, large, endsAtMs };
  }

  #changeArgs(dict: OpenDict, shard: number, change: PlannedChange, nowMs: number): Prepared {
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
        const args = ["a", field, encodeHeader(life), by, initial, min, max];
        return { args, large: [], endsAtMs: ownEnd(life) };
      }
    }
  }
}

/** What the script compares an entry with. */
function expectedArg(expected: Condition["expected"]): Argument {
  switch (expected) {
    case "absent":
    case "present":
      return expected[0]!;
    default:
      return Buffer.from(expected, "hex");
  }
}
