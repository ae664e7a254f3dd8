import { runScript, write } from "../context/commands.ts";
import { keyLifeMs } from "../context/life-times.ts";
import { type StoreContext, wholeMs } from "../context/store-context.ts";
import { chunkKeys, largeValuesOf } from "../large-values/remove-large-values.ts";
import { extendShardScript } from "../scripts/dict-scripts.ts";
import type { Agenda } from "./agenda.ts";
import type { DictDirectory } from "./dict-directory.ts";
import type { OpenDict } from "./open-dict.ts";

/** What moving the end of a dictionary takes. */
export interface ExtendDictOptions {
  readonly context: StoreContext;
  readonly directory: DictDirectory;
  readonly agenda: Agenda;
}

/** See `Store.extendDict`. */
export function extendDict(options: ExtendDictOptions, dictId: string, endsAtMs: number): Promise<void> {
  const { directory, agenda } = options;
  return directory.with(dictId, async (dict) => {
    if (dict.isEphemeral) {
      await extendParts(options, dict, endsAtMs);
      await agenda.move(dict.environmentId, `e${dictId}`, endsAtMs);
    } else if (!(await directory.isRegistered(dict))) await directory.absent(dict);
  });
}

async function extendParts(
  { context, directory }: ExtendDictOptions,
  dict: OpenDict,
  endsAtMs: number,
): Promise<void> {
  const { router, keys } = context;
  const nowMs = wholeMs(context);
  const lifeMs = keyLifeMs(endsAtMs, nowMs);
  await Promise.all(
    dict.shards.map(async (shard) => {
      const { slot, key, indexKey } = shard;
      const call = { slot, keys: [key, indexKey], args: [nowMs, endsAtMs, lifeMs] };
      const large = (await runScript(router, extendShardScript, call)) as number;
      if (large < 0) await directory.absent(dict);
      if (large === 0) return;
      for (const value of await largeValuesOf(context, shard)) {
        const chunks = chunkKeys(context, shard, value);
        await Promise.all(chunks.map((chunk) => write(router, slot, ["PEXPIRE", chunk, lifeMs])));
      }
    }),
  );
  const record = keys.record(dict.id);
  await write(router, record.slot, ["PEXPIRE", record.key, lifeMs]);
}
