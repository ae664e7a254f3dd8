/** Removals of many entries: one script for the keys of one shard, and all scripts leave in one turn. */

import type { IdempotencyOption } from "@everdict/store";
import { keysDigest } from "@everdict/store";
import { keyedCall, type RecordedAnswers } from "../answers/recorded-answers.ts";
import { runPartsOnce } from "../answers/run-once.ts";
import type { StoreContext } from "../context/store-context.ts";
import { reapLargeValue } from "../large-values/remove-large-values.ts";
import type { DictDirectory } from "../registry/dict-directory.ts";
import type { OpenDict } from "../registry/open-dict.ts";
import { removeManyScript } from "../scripts/bulk-scripts.ts";
import { fieldOf } from "./owned-entry.ts";
import type { ShardScripts } from "./shard-scripts.ts";
import { shardParts } from "./write-parts.ts";

/** What removals need. */
export interface BulkRemovalOptions {
  readonly context: StoreContext;
  readonly directory: DictDirectory;
  readonly answers: RecordedAnswers;
  readonly scripts: ShardScripts;
}

const countBytes = 4;
const retiredBytes = 20;

/** Removes many entries at a time. */
export class BulkRemoval {
  readonly #options: BulkRemovalOptions;

  constructor(options: BulkRemovalOptions) {
    this.#options = options;
  }

  /** See `Store.removeMany`. */
  removeMany(dictId: string, keys: readonly Uint8Array[], option: IdempotencyOption): Promise<number> {
    const fields = keys.map((key) => ({ field: fieldOf(key) }));
    const call = keyedCall("removeMany", dictId, option, () => keysDigest(keys));
    const { context, directory, answers, scripts } = this.#options;
    return directory.with(dictId, async (dict) => {
      if (fields.length === 0) await directory.checkLive(dict);
      const parts = shardParts(fields, dict.shards.length, ({ field }) => field.length);
      const named = parts.map(({ shard, items }, at) => ({
        // The same at every repeat, and another one for each part of a shard.
        name: String(at),
        shard: dict.shards[shard]!,
        nodeKeys: dict.nodeKeys(shard),
        run: (record: { readonly key: string; readonly args: readonly (string | number | Uint8Array)[] }) => {
          const args = [...record.args, ...items.map(({ field }) => field)];
          return scripts.run(dict, shard, removeManyScript, [record.key], () => ({ args, large: [] }));
        },
      }));
      const replies = await runPartsOnce({ keys: context.keys, answers, dictId }, call, named);
      let removed = 0;
      for (const [at, reply] of replies.entries()) {
        removed += reply.readUInt32BE(0);
        this.#reap(dict, parts[at]!.shard, reply);
      }
      return removed;
    });
  }

  /** Removes the chunks of large values that were removed, as the answer of a script names them. */
  #reap(dict: OpenDict, shard: number, reply: Buffer): void {
    for (let at = countBytes; at < reply.length; at += retiredBytes) {
      const value = { id: reply.subarray(at, at + 16), chunks: reply.readUInt32BE(at + 16) };
      void reapLargeValue(this.#options.context, dict.shards[shard]!, value);
    }
  }
}
