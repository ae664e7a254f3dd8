/**
 * Changes how a dictionary is set up: its expiry, and whether writes wait for replicas.
 *
 * The registry decides which change is the latest, and each shard's meta field has what holds there. A node that does not know
 * yet is refused by the scripts, looks, and tries again, in the order of its calls (`shard-gate.ts`); so no write that begins
 * after a change was answered goes by what was before. A change that did not reach all shards is finished by its repeat.
 */

import type { DictChange } from "@everdict/protocol";
import type { DictRecord } from "@everdict/store";
import { runScript, write } from "../context/commands.ts";
import { foreignRecord } from "../context/data-loss.ts";
import { type StoreContext, wholeMs } from "../context/store-context.ts";
import { setUpByte, ttlOf } from "../formats/shard-meta.ts";
import { decodeDict, type StoredDict, withoutCreationTime } from "../formats/stored-dict.ts";
import { setUpShardScript } from "../scripts/dict-scripts.ts";
import { changeDictScript } from "../scripts/registry-scripts.ts";
import { shardAnswer } from "../scripts/script-answers.ts";
import type { DictDirectory } from "./dict-directory.ts";
import type { DictRecords } from "./dict-records.ts";
import type { OpenDict } from "./open-dict.ts";
import type { Schedule } from "./schedule.ts";

/** What changes need. */
export interface DictChangesOptions {
  readonly context: StoreContext;
  readonly directory: DictDirectory;
  readonly records: DictRecords;
  readonly schedule: Schedule;
}

/** Changes dictionaries. */
export class DictChanges {
  readonly #options: DictChangesOptions;

  constructor(options: DictChangesOptions) {
    this.#options = options;
  }

  /** See `Store.configureDict`. */
  configure(dictId: string, change: DictChange): Promise<DictRecord> {
    const { directory, records } = this.#options;
    return directory.with(dictId, async (dict) => {
      await directory.checkLive(dict);
      const stored = await this.#register(dict, change);
      if (stored.changes !== undefined) await this.#apply(dict, stored, stored.changes);
      return (await records.get(dictId)) ?? (await directory.absent(dict));
    });
  }

  /** Writes the change down, if it is one; answers what the registry then has. */
  async #register(dict: OpenDict, { expiry, durability }: DictChange): Promise<StoredDict> {
    const { context, directory } = this.#options;
    const { slot, registry } = context.keys.registry(dict.environmentId);
    for (;;) {
      const text = await directory.registered(dict);
      if (text === undefined) return await directory.absent(dict);
      const json = withoutCreationTime(text);
      const stored = decodeDict(json);
      if (stored === undefined) throw foreignRecord(context, `the record of dict '${dict.id}'`);
      const wanted = { ...stored, ...(expiry && { expiry }), ...(durability && { durability }) };
      if (JSON.stringify(wanted) === JSON.stringify(stored)) return stored;
      const changed = { ...wanted, changes: (stored.changes ?? 0) + 1 };
      const record = text.slice(0, -json.length) + JSON.stringify(changed);
      const call = { slot, keys: [registry], args: [dict.id, text, record] };
      if ((await runScript(context.router, changeDictScript, call)) === 1) return changed;
    }
  }

  /** Has all shards go by a set-up, and the record that nodes open the dictionary by. */
  async #apply(dict: OpenDict, stored: StoredDict, changes: number): Promise<void> {
    const { context, directory, schedule } = this.#options;
    const { expiry, durability } = stored;
    const setUp = { expiry, waits: durability !== "memory" };
    const args = [wholeMs(context), setUpByte(setUp, changes), ttlOf(expiry)];
    const replies = await Promise.all(
      dict.shards.map(({ slot, key }) =>
        runScript(context.router, setUpShardScript, { slot, keys: [key], args }),
      ),
    );
    if (replies.includes(shardAnswer.noDict)) await directory.absent(dict);
    const record = context.keys.record(dict.id);
    // If it is gone, it is made again from the registry.
    await write(context.router, record.slot, ["SET", record.key, JSON.stringify(stored), "XX", "KEEPTTL"]);
    await directory.learn(dict, 0);
    if (expiry.policy !== "never") await schedule.noteExpiry(dict, expiry.ttlMs);
  }
}
