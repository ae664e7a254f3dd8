import { BulkRoom, type CallOptions, type KeyPattern, nextTurn, sliceItems } from "@everdict/protocol";
import { Dicts, type KeyPattern as PatternMessage } from "@everdict/protocol/dicts-api";
import { entryAnswer, pageAnswer, valuesAnswer } from "./bulk-answers.ts";
import { commitRequest, commitResponse, timeToLive } from "./commit-messages.ts";
import { contentsFrames } from "./contents-frames.ts";
import { encodedRpc, type Rpc, serverStreamRpc, unaryRpc } from "./define-rpc.ts";
import { askedChange, dictDescription } from "./dict-description.ts";
import { batchFrames } from "./entry-frames.ts";

const { method } = Dicts;

/** The RPCs of our own about dictionaries (proto/everdict/v1/dicts.proto). */
export const dictsV1Rpcs: readonly Rpc[] = [
  unaryRpc(method.commit, async ({ service, options }, request) => {
    const given = { ...options, bytesAreGiven: true };
    const outcome = await service.commit(request.dictId, commitRequest(request), given);
    // Many changes have just taken effect, in this turn.
    if (outcome.committed && outcome.results.length > sliceItems) await nextTurn();
    return commitResponse(outcome);
  }),
  unaryRpc(method.update, async ({ service, options }, { dictId, entries }) => {
    const timed = entries.map(({ key, value, ttl }) => ({ key, value, ttlMs: timeToLive(ttl) }));
    await service.update(dictId, timed, { ...options, bytesAreGiven: true });
    return {};
  }),
  encodedRpc(method.getEntry, async ({ service, options }, { dictId, key }) =>
    entryAnswer(await service.entry(dictId, key, options)),
  ),
  encodedRpc(method.getMany, async ({ service, options }, { dictId, keys }) =>
    valuesAnswer(await inBulkRoom(options, (given) => service.getMany(dictId, keys, given))),
  ),
  unaryRpc(method.removeMany, async ({ service, options }, { dictId, keys }) => ({
    removed: await service.removeMany(dictId, keys, options),
  })),
  encodedRpc(method.getPage, async ({ service, options }, { dictId, match, after, limit, values }) => {
    const request = { match: patterns(match), after, limit, values };
    return pageAnswer(await inBulkRoom(options, (given) => service.page(dictId, request, given)));
  }),
  serverStreamRpc(method.contents, (context, { dictId, keys, values, match }) =>
    contentsFrames(context, dictId, { keys, values, match: patterns(match) }, batchFrames),
  ),
  unaryRpc(method.getStats, async ({ service, options }, { dictId }) => {
    const { entries, bytes } = await service.stats(dictId, options);
    return { entries, ...(bytes !== undefined && { bytes }) };
  }),
  unaryRpc(method.getInfo, async ({ service, options }, { dictId }) =>
    dictDescription(await service.getDictById(dictId, options)),
  ),
  unaryRpc(method.configure, async ({ service, options }, request) =>
    dictDescription(await service.configureDict(request.dictId, askedChange(request), options)),
  ),
];

/** An answer of many values has room before any of them is read. */
async function inBulkRoom<T>(options: CallOptions, ask: (options: CallOptions) => Promise<T>): Promise<T> {
  if (options.room === undefined) return ask(options);
  const room = new BulkRoom(options.room);
  await room.begin();
  try {
    return await ask({ ...options, room });
  } finally {
    room.end();
  }
}

/** On the wire, no patterns are all keys. */
function patterns(match: readonly PatternMessage[]): readonly KeyPattern[] | undefined {
  return match.length === 0 ? undefined : match.map(({ parts }) => parts);
}
