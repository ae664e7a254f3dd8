/**
 * Moves the expiry of entries that were read, in the background: the read has its answer.
 *
 * A touch first travels on the lane for reads, so that the next read of the entry from this process finds the new
 * expiry. It is tried once there, since no read may wait behind a server that takes no writes. A failed touch is tried
 * again among the writes, through a failover if needed.
 */

import { loosely, readingOnce, runScript } from "../context/commands.ts";
import { type StoreContext, wholeMs } from "../context/store-context.ts";
import { expiryOf, ownLifeOf } from "../formats/entry-header.ts";
import type { DictDirectory } from "../registry/dict-directory.ts";
import type { OpenDict } from "../registry/open-dict.ts";
import type { Argument } from "../resp/command-writer.ts";
import { touchScript } from "../scripts/entry-scripts.ts";
import { shardAnswer } from "../scripts/script-answers.ts";
import { entryLife } from "./entry-life.ts";

/** While this many are under way, further touches are left to the next read of their entries. */
const underWayMax = 10_000;

/** The touches of a store. */
export class Touches {
  readonly #context: StoreContext;
  readonly #directory: DictDirectory;
  readonly #underWay = new Set<string>();

  constructor(context: StoreContext, directory: DictDirectory) {
    this.#context = context;
    this.#directory = directory;
  }

  /**
   * Touches an entry as it was read, if it would end too soon for one that is used now. Answers the end that it then
   * gets; undefined: it keeps the one it has, or another read is at it.
   */
  touch(dict: OpenDict, shard: number, field: Buffer, entry: Buffer): number | undefined {
    const { expiry } = dict;
    if (expiry.policy !== "afterUse") return undefined;
    const ownMs = ownLifeOf(entry);
    // It lives for ever.
    if (ownMs === null) return undefined;
    const { clock } = this.#context;
    const readExpiryMs = expiryOf(entry);
    // One that never ends was written under another policy. A use brings no end forward.
    if (readExpiryMs === 0 || readExpiryMs >= clock() + (ownMs ?? expiry.ttlMs)) return undefined;
    const name = `${dict.id} ${field.toString("latin1")}`;
    if (this.#underWay.has(name) || this.#underWay.size >= underWayMax) return undefined;
    this.#underWay.add(name);
    const nowMs = wholeMs(this.#context);
    const { expiresAtMs } = entryLife(expiry, ownMs, nowMs);
    const args = [dict.stamped(nowMs), field, readExpiryMs, expiresAtMs];
    void this.#move(dict, shard, args).finally(() => this.#underWay.delete(name));
    return expiresAtMs;
  }

  async #move(dict: OpenDict, shard: number, args: readonly Argument[]): Promise<void> {
    const { router } = this.#context;
    const { slot, key } = dict.shards[shard]!;
    const call = { slot, keys: [key], args };
    try {
      const reply = await runScript(router, touchScript, call, readingOnce);
      if (reply === shardAnswer.outdated) void this.#directory.learn(dict, shard).catch(() => {});
    } catch {
      // A read promises no durability: what is not done by the deadline is left to the next one.
      await runScript(router, touchScript, call, loosely).catch(() => {});
    }
  }
}
